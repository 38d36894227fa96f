// mockttp with its default options, which record all traffic.
// Called with: PORT CONTROL_PORT, where any request to the second forgets what was
// recorded, so that a long measurement does not fill the memory.
const [port, controlPort] = process.argv.slice(2).map(Number);

(async () => {
  const found = require.resolve("mockttp", { paths: [process.cwd()] });
  const mockttp = await import(found);
  const server = (mockttp.getLocal ? mockttp : mockttp.default).getLocal();
  const answer = () => server.forPost("/events").always().thenReply(200);
  await server.start(port);
  await answer();
  require("http")
    .createServer(async (request, response) => {
      server.reset();
      await answer();
      response.end();
    })
    .listen(controlPort, "127.0.0.1");
})();
