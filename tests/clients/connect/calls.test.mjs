// The same calls by every transport that the clients of Connect have, without generated code.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

const { OMBUD_BIN, OMBUD_DESCRIPTORS } = process.env;
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(OMBUD_DESCRIPTORS)));
const service = (name) => registry.getService(`ombud.v1.${name}`);

/** Starts a server over a folder of its own. */
async function start() {
  const dir = mkdtempSync(join(tmpdir(), "ombud-connect-"));
  const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(dir, "data")];
  const program = spawn(OMBUD_BIN, args, {
    env: { ...process.env, OMBUD_LOG__FORMAT: "json", OMBUD_REVIEW__AUDIT_RATE: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  const lines = createInterface({ input: program.stderr });
  const url = await new Promise((resolve, reject) => {
    ended.then((code) => reject(new Error(`the server ended with ${code}`)));
    lines.on("line", (line) => {
      const address = JSON.parse(line).fields?.address;
      if (address) resolve(`http://${address}`);
    });
  });
  return {
    url,
    async stop() {
      program.kill("SIGTERM");
      assert.equal(await ended, 0, "the server stops well");
      rmSync(dir, { recursive: true });
    },
  };
}

let server;
before(async () => {
  server = await start();
});
after(() => server?.stop());

/** Each transport with how it is made, and whether streams come through it. */
const transports = {
  "JSON over HTTP/1.1": { make: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }) },
  "JSON over HTTP/2": { make: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }) },
  "bytes of Connect": {
    make: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
  },
  "gRPC-Web over HTTP/1.1": { make: (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }), streams: true },
  "gRPC-Web over HTTP/2": { make: (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }), streams: true },
  gRPC: { make: (baseUrl) => createGrpcTransport({ baseUrl }), streams: true },
};

/** Returns what a call is refused with. */
async function refused(call) {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  assert.fail("it was not refused");
}

const json = (message) => toJson(registry.getMessage(message.$typeName), message, { registry });

for (const [name, { make, streams }] of Object.entries(transports)) {
  const id = `c-${name.replaceAll(/[^A-Za-z0-9]/g, "-")}`;

  test(`${name}: a comment is decided on and read again`, async () => {
    const client = createClient(service("ModerationService"), make(server.url));
    const author = { name: "Ann", authorId: "a1" };
    const submission = { articleId: "garden", commentId: id, author, text: "What a lovely garden. 🌻", requestId: "r1" };
    const answer = await client.submitComment(submission, { timeoutMs: 20000 });
    assert.equal(answer.commentId, id);
    assert.equal(answer.requestId, "r1");
    assert.equal(json(answer).decision.outcome, "OUTCOME_PUBLISH");
    const score = answer.decision.scores.TOXICITY;
    assert.ok(score >= 0 && score <= 1);
    const again = await client.submitComment(submission);
    assert.deepEqual([again.repeated, json(again).decision], [true, json(answer).decision]);
    const stored = await client.getComment({ commentId: id });
    assert.equal(stored.comment.text, submission.text);
    assert.deepEqual(json(stored).decision, json(answer).decision);
  });

  test(`${name}: a refusal comes with its details`, async () => {
    const client = createClient(service("ModerationService"), make(server.url));
    const error = await refused(client.submitComment({ articleId: "garden", author: { name: " " } }));
    assert.equal(error.code, Code.InvalidArgument);
    assert.match(error.rawMessage, /./);
    const details = Object.fromEntries(error.details.map((detail) => [detail.type, detail.value]));
    assert.deepEqual(Object.keys(details).sort(), ["google.rpc.BadRequest", "google.rpc.ErrorInfo"]);
    const said = Buffer.from(details["google.rpc.BadRequest"]).toString();
    assert.ok(said.includes("author.name") && said.includes("text"), said);
    assert.ok(Buffer.from(details["google.rpc.ErrorInfo"]).toString().includes("INVALID_FIELDS"));
    const unknown = await refused(client.getComment({ commentId: "nobody" }));
    assert.equal(unknown.code, Code.NotFound);
  });

  test(`${name}: integers of 64 bits, bytes, times and lists mean the same`, async () => {
    const admin = createClient(service("AdminService"), make(server.url));
    const head = await admin.getJournalHead({});
    assert.equal(typeof head.seq, "bigint");
    assert.equal(head.hash.length, 32);
    const client = createClient(service("ModerationService"), make(server.url));
    const texts = ["What a lovely garden that is.", ""];
    const scored = await client.scoreText({ texts, explain: true });
    assert.equal(scored.results.length, 2);
    const toxicity = scored.results[0].explanations.find((one) => one.attribute === "TOXICITY");
    assert.ok(toxicity.spans.length > 3 && Number.isFinite(toxicity.logit));
  });

  test(`${name}: a stream ${streams ? "comes through" : "is refused with what to do"}`, async () => {
    const review = createClient(service("ReviewService"), make(server.url));
    const abort = new AbortController();
    const watch = async () => {
      for await (const event of review.watchEvents({}, { signal: abort.signal })) {
        return event;
      }
    };
    if (streams) {
      assert.ok(await watch());
    } else {
      const error = await refused(watch());
      assert.equal(error.code, Code.Unimplemented, `${error}`);
      assert.match(error.rawMessage, /gRPC/);
    }
    abort.abort();
  });
}

test("by every transport, who has no token is told so, and who has one is let in", async (t) => {
  const closed = await start();
  t.after(() => closed.stop());
  const admin = createClient(service("AdminService"), transports.gRPC.make(closed.url));
  const { secret } = await admin.createToken({ role: 3, name: "root" });
  for (const [name, { make }] of Object.entries(transports)) {
    const client = createClient(service("ModerationService"), make(closed.url));
    const error = await refused(client.listComments({ filter: { case: "articleId", value: "garden" } }));
    assert.equal(error.code, Code.Unauthenticated, `${name}: ${error}`);
    assert.ok(error.details.some((detail) => Buffer.from(detail.value).toString().includes("TOKEN_MISSING")), name);
    const headers = { authorization: `Bearer ${secret}` };
    const listed = await client.listComments({ filter: { case: "articleId", value: "garden" } }, { headers });
    assert.deepEqual(listed.comments, [], name);
  }
});
