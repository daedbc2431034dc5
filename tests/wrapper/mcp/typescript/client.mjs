// Connects an official TypeScript client to a server, uses what it offers, and prints what it saw.
//
// usage: node client.mjs v1|v2 legacy|auto SERVER
// SERVER is JSON: {"url", "key"} for HTTP, {"command", "args", "env"} for stdio. A client of v2 opens
// with a handshake (legacy), or asks first for a revision of the protocol without one (auto).

const [generation, mode] = process.argv.slice(2);
const server = JSON.parse(process.argv[4]);

const packages = {
  v1: async () => ({
    ...(await import("@modelcontextprotocol/sdk/client/index.js")),
    ...(await import("@modelcontextprotocol/sdk/client/stdio.js")),
    ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
  }),
  v2: async () => ({
    ...(await import("@modelcontextprotocol/client")),
    ...(await import("@modelcontextprotocol/client/stdio")),
  }),
};

const { Client, StdioClientTransport, StreamableHTTPClientTransport } = await packages[generation]();

const transport = server.url
  ? new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { Authorization: `Bearer ${server.key}` } },
    })
  : new StdioClientTransport(server);

const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transport);

async function call(name, args) {
  return await client.callTool({ name, arguments: args });
}

const seen = {
  server: client.getServerVersion(),
  session: transport.sessionId ?? null,
  revision: client.getNegotiatedProtocolVersion?.(), // v2
};
seen.tools = (await client.listTools()).tools;
seen.stored = await call("remember", { content: "Ada drinks her coffee black" });
seen.found = await call("search_memories", { query: "coffee black", threshold: 0 });
seen.context = await call("get_context", { query: "Ada coffee" });
seen.wrong = await call("search_memories", { querry: "x" });
seen.resources = (await client.listResources()).resources;
seen.recent = await client.readResource({ uri: "memory://recent" });
seen.prompts = (await client.listPrompts()).prompts;
seen.prompt = await client.getPrompt({ name: "recall", arguments: { topic: "coffee" } });
await client.close();

console.log(JSON.stringify(seen));
