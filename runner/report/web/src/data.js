// The data blocks of the page: <script type="application/json" id="...">, as they are or, where they are large,
// {"deflate": base64 of the same JSON, compressed}.

const read = new Map();

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function parse(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no data "${id}"`);
  const value = JSON.parse(element.textContent);
  if (value === null || typeof value.deflate !== 'string') return value;
  const stream = new Blob([bytesOf(value.deflate)]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

/** A promise of what the block says; each is read once. */
export function readBlock(id) {
  if (!read.has(id)) read.set(id, parse(id));
  return read.get(id);
}
