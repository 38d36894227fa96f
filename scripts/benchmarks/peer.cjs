// mockttp with its default options, which record all traffic. Called with: PORT
(async () => {
  const found = require.resolve("mockttp", { paths: [process.cwd()] });
  const mockttp = await import(found);
  const server = (mockttp.getLocal ? mockttp : mockttp.default).getLocal();
  await server.start(Number(process.argv[2]));
  await server.forPost("/events").always().thenReply(200);
})();
