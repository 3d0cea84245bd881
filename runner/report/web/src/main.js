import { readBlock } from './data.js';
import { mountFlame } from './flame.js';
import { mountHeatmap } from './heatmap.js';
import { setUpMarks } from './marks.js';
import { setUpTheme } from './theme.js';
import { mountTimeline } from './timeline.js';

const views = { heatmap: mountHeatmap, flame: mountFlame, timeline: mountTimeline };

/** A figure that cannot be made leaves what stands there without a script. */
function mount(host) {
  return readBlock(host.dataset.block)
    .then((data) => views[host.dataset.view](host, data))
    .catch((error) => {
      host.prepend(Object.assign(document.createElement('p'), {
        className: 'missing',
        textContent: `This browser cannot draw the figure (${error.message}); the table below says the same.`,
      }));
    })
    .finally(() => host.removeAttribute('aria-busy'));
}

setUpTheme(document);
setUpMarks(document);

// One after the other, in the order in which they are read; the browser paints in between.
const hosts = [...document.querySelectorAll('[data-view]')];
for (const host of hosts) host.setAttribute('aria-busy', 'true');
(async () => {
  for (const host of hosts) {
    await mount(host);
    await new Promise((done) => { setTimeout(done); });
  }
})();
