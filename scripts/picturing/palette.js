// Takes a PNG as base64 and the most colours; gives its width, height, colours and each point's place among them.
async ([png, most]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(image, 0, 0);
  const points = new Uint32Array(brush.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const point of points) counts.set(point, (counts.get(point) || 0) + 1);
  const parts = (point) => [point & 255, (point >> 8) & 255, (point >> 16) & 255];
  // Tints tell something on these pages: a difference of hue counts six times, and so does one between near-whites.
  const bright = ([red, green, blue]) => 0.3 * red + 0.59 * green + 0.11 * blue > 225;
  const distance = (one, other) => {
    const [red, green, blue] = one.map((part, at) => part - other[at]);
    const light = 0.3 * red + 0.59 * green + 0.11 * blue;
    return (bright(one) && bright(other) ? 6 : 1) * light ** 2 + 6 * ((red - light) ** 2 + (blue - light) ** 2);
  };
  const sorted = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map(([point]) => point);
  const colours = [];
  // The most frequent first; what lies near a chosen one is drawn with it. Letters need few greys.
  for (const least of [500, 150, 50, 20]) {
    for (const point of sorted) {
      const colour = parts(point);
      if (colours.length < most && colours.every((known) => distance(known, colour) > least)) colours.push(colour);
    }
  }
  const nearest = new Map();
  for (const point of sorted) {
    const colour = parts(point);
    let best = 0;
    colours.forEach((known, at) => {
      if (distance(known, colour) < distance(colours[best], colour)) best = at;
    });
    nearest.set(point, best);
  }
  let places = "";
  for (let at = 0; at < points.length; at += 4096) {
    places += String.fromCharCode(...[...points.subarray(at, at + 4096)].map((point) => nearest.get(point)));
  }
  return { width: image.width, height: image.height, colours, places: btoa(places) };
}
