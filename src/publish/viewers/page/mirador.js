
start(({ manifest, canvas, xywh }) => {
  const view = xywh && { x: xywh[0] + xywh[2] / 2, y: xywh[1] + xywh[3] / 2, zoom: 1 / xywh[2] };
  Mirador.viewer({
    id: "viewer",
    windows: [{ manifestId: manifest, canvasId: canvas, initialViewerConfig: view }],
    window: { allowClose: false, allowMaximize: false },
    workspaceControlPanel: { enabled: false },
  });
});
