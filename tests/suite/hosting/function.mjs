// The CloudFront Function with events as CloudFront sends them: node function.mjs FUNCTION.js BASE
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [file, base] = process.argv.slice(2);
const handler = new Function(`${readFileSync(file, "utf8")}; return handler;`)();

function answer(uri, querystring = {}, method = "GET") {
  const request = { method, uri, querystring, headers: {}, cookies: {} };
  return handler({ version: "1.0", context: { eventType: "viewer-request" }, viewer: { ip: "192.0.2.1" }, request });
}

function leads(uri, status, to, querystring) {
  const { statusCode, headers } = answer(uri, querystring);
  assert.deepEqual([statusCode, headers?.location?.value], [status, to], uri);
  assert.equal(headers["access-control-allow-origin"].value, "*");
}

const stays = (uri, to = uri, method) => assert.deepEqual([answer(uri, {}, method).uri], [to], uri);

for (const id of ["letters_1", "a.b", "L%27%C3%A9t%C3%A9%20%26%20%E6%97%A5_a%20b", "x%0d%0aSet-Cookie:a=b"]) {
  for (const api of ["2", "3"]) {
    leads(`${base}iiif/${api}/${id}`, 303, `${base}iiif/${api}/${id}/info.json`);
    leads(`${base}iiif/${api}/${id}/`, 303, `${base}iiif/${api}/${id}/info.json`);
    stays(`${base}iiif/${api}/${id}/info.json`);
    stays(`${base}iiif/${api}/${id}/full/max/0/default.jpg`);
  }
}
for (const quality of ["native", "color"]) {
  const tile = `${base}iiif/2/letters_1/0,0,512,512/512,/0/`;
  stays(`${tile}${quality}.jpg`, `${tile}default.jpg`);
  stays(`${base}iiif/3/letters_1/full/max/0/${quality}.jpg`);
}
stays(`${base}iiif/2/a/full/full/0/native.png`);
stays(base, `${base}index.html`);
stays(`${base}letters/`, `${base}letters/index.html`);
stays(`${base}vol.%201/`, `${base}vol.%201/index.html`);
leads(`${base}letters`, 301, `${base}letters/`);
leads(`${base}letters`, 301, `${base}letters/?a=1&b&c=2&c=3`, {
  a: { value: "1" },
  b: { value: "" },
  c: { value: "2", multiValue: [{ value: "2" }, { value: "3" }] },
});
stays(`${base}letters/manifest.json`);
stays(`${base}.well-known/security`);
stays(`${base}iiif/3/letters_1`, undefined, "OPTIONS");
// Never to another host.
stays("//evil.example");
stays("//evil/iiif/3/a");
stays(`/${base}evil`);
if (base !== "/") {
  leads(base.slice(0, -1), 301, base);
  stays("/elsewhere");
  stays("/iiif/3/letters_1");
}
