// Written by `iiif-build hosting cloudfront`: a CloudFront Function (cloudfront-js-2.0) for viewer requests. Addresses
// are still encoded here. Tiles never come this way: their cache behaviour has no function.
function handler(event) {
  const request = event.request;
  const uri = request.uri;
  // The path of base-url; two slashes at the start of an address would name another host.
  const base = '{{ base }}';
  if (request.method === 'OPTIONS' || uri.startsWith('//')) {
    return request;
  }
  if (uri + '/' === base) {
    return redirect(301, base, request);
  }
  if (!uri.startsWith(base)) {
    return request;
  }
  const path = uri.slice(base.length);
  // Image API 3, 2: a bare id leads to its info.json.
  const id = path.match(/^iiif\/({{ api }})\/([^\/]+)\/?$/);
  if (id) {
    return redirect(303, `${base}iiif/${id[1]}/${id[2]}/info.json`);
  }
{%- if renamed %}
  // Clients of version 2 that take it for version 1, or ask for colours: there is one quality, under one name.
  const quality = path.match(/^(iiif\/2\/[^\/]+\/[^\/]+\/[^\/]+\/0\/)(?:native|color)\.jpg$/);
  if (quality) {
    request.uri = `${base}${quality[1]}default.jpg`;
    return request;
  }
{%- endif %}
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === '') {
    request.uri = uri + 'index.html';
  } else if (!/\.[A-Za-z0-9]+$/.test(name) && !path.startsWith('.well-known/')) {
    // A folder: its page's links count on the slash.
    return redirect(301, uri + '/', request);
  }
  return request;
}

// To another address, with the query of `request` if there is one.
function redirect(status, location, request) {
  const pairs = [];
  const query = request ? request.querystring : {};
  for (const name in query) {
    const values = query[name].multiValue || [query[name]];
    for (let i = 0; i < values.length; i++) {
      pairs.push(values[i].value === '' ? name : `${name}=${values[i].value}`);
    }
  }
  const search = pairs.length ? '?' + pairs.join('&') : '';
  return {
    statusCode: status,
    statusDescription: status === 303 ? 'See Other' : 'Moved Permanently',
    headers: {
      location: { value: location + search },
      'access-control-allow-origin': { value: '*' },
      'cache-control': { value: '{{ documents }}' },
    },
  };
}
