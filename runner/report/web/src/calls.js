// The tree of a CPU profile: columns as profile.json has them -> frames with a place, and what stands below each.

/** Frame 0 is "all"; then one for each group, then one a node. `left`, `total`, `self` count samples. */
export function layOut({ functions, groups, nodes, samples }, only = -1) {
  const first = 1 + groups.length;
  const size = first + nodes.parent.length;
  const parent = new Int32Array(size).fill(-1);
  const total = new Float64Array(size);
  const self = new Float64Array(size);
  const depth = new Uint16Array(size);
  const shown = (group) => only < 0 || group === only;
  const group = new Int32Array(size).fill(-1);
  for (let i = 0; i < groups.length; i++) {
    parent[1 + i] = 0;
    depth[1 + i] = 1;
    group[1 + i] = i;
  }
  for (let i = 0; i < nodes.parent.length; i++) {
    const above = nodes.parent[i];
    const at = first + i;
    parent[at] = above < 0 ? -above : first + above;
    group[at] = group[parent[at]];
    depth[at] = depth[parent[at]] + 1;
    self[at] = shown(group[at]) ? nodes.samples[i] : 0;
  }
  total.set(self);
  for (let i = size - 1; i > 0; i--) total[parent[i]] += total[i];
  return place({ functions, groups, nodes, samples, first, size, parent, total, self, depth, group });
}

/** Callees stand below their caller from its left edge on, the largest first. */
function place(tree) {
  const { size, parent, total } = tree;
  const children = Array.from({ length: size }, () => []);
  for (let i = 1; i < size; i++) if (total[i] > 0) children[parent[i]].push(i);
  const left = new Float64Array(size);
  for (let i = 0; i < size; i++) { // a parent has a lower number than its children
    let at = left[i];
    for (const child of children[i].sort((a, b) => total[b] - total[a] || a - b)) {
      left[child] = at;
      at += total[child];
    }
  }
  return { ...tree, children, left, deepest: tree.depth.reduce((most, value, i) => (total[i] ? Math.max(most, value) : most), 0) };
}

export function groupName({ functions }, group) {
  const name = functions[group.function]?.name ?? 'unknown';
  if (group.kind !== 'goroutine') return group.kind === 'runtime' ? 'Go runtime, no goroutine' : `thread ${name}`;
  const creator = group.creator === null ? '' : `, made by ${functions[group.creator]?.name}`;
  return `${group.goroutines > 1 ? `${group.goroutines} goroutines` : 'goroutine'} ${name}${creator}`;
}

export function nameOf(tree, frame) {
  if (frame === 0) return 'all';
  if (frame < tree.first) return groupName(tree, tree.groups[frame - 1]);
  return tree.functions[tree.nodes.function[frame - tree.first]].name;
}

export function kindOf(tree, frame) {
  return frame < tree.first ? 'group' : tree.functions[tree.nodes.function[frame - tree.first]].kind;
}

/** Which frames have a name with `text` in it (case does not matter), and how many samples pass through at least one. */
export function search(tree, text) {
  const wanted = text.toLowerCase();
  const found = new Uint8Array(tree.size);
  const within = new Uint8Array(tree.size);
  let samples = 0;
  for (let i = 0; i < tree.size; i++) {
    found[i] = i > 0 && nameOf(tree, i).toLowerCase().includes(wanted) ? 1 : 0;
    within[i] = found[i] || (i > 0 && within[tree.parent[i]]) ? 1 : 0;
    if (found[i] && !within[tree.parent[i]]) samples += tree.total[i];
  }
  return { found, samples };
}
