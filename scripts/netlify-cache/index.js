// Keeps the site and what is known of it from one build on Netlify to the next, so that only what changed is made anew.
const kept = [".iiif-build", "public"];

module.exports = {
  onPreBuild: ({ utils }) => utils.cache.restore(kept),
  onPostBuild: ({ utils }) => utils.cache.save(kept),
};
