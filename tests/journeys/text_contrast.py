"""How well text can be read: its contrast with the ground behind it (WCAG 2.2, relative luminance)."""

# Every visible text, against the nearest ground that is painted.
CONTRASTS = """() => {
  // The parts of a mixed colour, color(srgb 0.1 0.2 0.3 / 0.5), are between 0 and 1.
  const channels = colour => colour.match(/[\\d.]+/g)
    .map((part, n) => colour.startsWith("color(srgb") && n < 3 ? part * 255 : Number(part));
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const painted = channels(getComputedStyle(e).backgroundColor);
      if (painted.length < 4 || painted[3] > 0) return painted;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({checkVisibilityCSS: true})) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(ground(element))];
    found.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return found;
}"""


def smallest_contrast(page, *, of_at_least=50):
    found = page.evaluate(CONTRASTS)
    assert len(found) > of_at_least
    return min(found)
