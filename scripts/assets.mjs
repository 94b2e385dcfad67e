// Copies what the page and the folium file load from node_modules into maps/vendor.
// Nothing else of the packages is shipped, and nothing is fetched at run time.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VENDOR = join(ROOT, "maps", "vendor");

/** Package -> files, "from" or ["from", "to"], relative to the package and to its vendor folder. */
const FILES = {
  "maplibre-gl": [
    // The library finds its worker beside itself, so the two stay in one folder.
    ["dist/maplibre-gl.mjs", "maplibre-gl.mjs"],
    ["dist/maplibre-gl-worker.mjs", "maplibre-gl-worker.mjs"],
    ["dist/maplibre-gl.css", "maplibre-gl.css"],
    "LICENSE.txt",
  ],
  leaflet: [
    ["dist/leaflet.js", "leaflet.js"],
    ["dist/leaflet.css", "leaflet.css"],
    ["dist/images/layers.png", "images/layers.png"],
    ["dist/images/layers-2x.png", "images/layers-2x.png"],
    ["dist/images/marker-icon.png", "images/marker-icon.png"],
    "LICENSE",
  ],
  "swagger-ui-dist": [
    "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt",
    "swagger-ui.css",
    "favicon-32x32.png",
    "LICENSE",
    "NOTICE",
  ],
};

/** Source maps are not shipped; the comment that names them would be a 404 in developer tools. */
const SOURCE_MAP = /\n?(\/\/|\/\*)# sourceMappingURL=[^\n*]*(\*\/)?\s*$/;

async function copyFile(source, target) {
  await mkdir(dirname(target), { recursive: true });
  if (/\.(m?js|css)$/.test(source)) {
    const text = await readFile(source, "utf8");
    await writeFile(target, text.replace(SOURCE_MAP, "\n"));
  } else {
    await cp(source, target);
  }
}

async function main() {
  await rm(VENDOR, { recursive: true, force: true });
  const versions = {};
  for (const [name, files] of Object.entries(FILES)) {
    const home = join(ROOT, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
    versions[name] = version;
    for (const file of files) {
      const [from, to] = Array.isArray(file) ? file : [file, file];
      await copyFile(join(home, from), join(VENDOR, name, to));
    }
  }
  await writeFile(join(VENDOR, "versions.json"), `${JSON.stringify(versions, null, 2)}\n`);
  process.stderr.write(`maps/vendor: ${Object.entries(versions).map((v) => v.join(" ")).join(", ")}\n`);
}

await main();
