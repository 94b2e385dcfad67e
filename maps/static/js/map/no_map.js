// Stand-in for the map where the browser draws none (no WebGL2, or its context is lost): takes what a map takes and does nothing.

const nothing = () => {};
const bounds = { getWest: () => -180, getSouth: () => -90, getEast: () => 180, getNorth: () => 90, contains: () => true, toArray: () => [[-180, -90], [180, 90]] };
const at = { lng: 0, lat: 0 };

/** A map that draws nothing; `once` calls back at once, since nothing is waited for. */
export const noMap = Object.freeze({
  drawn: false,
  on: nothing,
  once: (_, then) => queueMicrotask(then),
  resize: nothing,
  jumpTo: nothing,
  easeTo: nothing,
  fitBounds: nothing,
  triggerRepaint: nothing,
  getZoom: () => 0,
  getCenter: () => at,
  getBounds: () => bounds,
  getContainer: () => document.getElementById("map"),
  getCanvas: () => document.createElement("canvas"),
  getSource: () => ({ setData: nothing }),
  getLayer: nothing,
  setFilter: nothing,
  setLayoutProperty: nothing,
  setLayerZoomRange: nothing,
  getFeatureState: () => ({}),
  setFeatureState: nothing,
  removeFeatureState: nothing,
  queryRenderedFeatures: () => [],
  hasImage: () => false,
  addImage: nothing,
  removeImage: nothing,
});
