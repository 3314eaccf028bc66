// Jigsaw's own client: SPAM and TOXICITY unless told otherwise, and the old host name inside.

import assert from "node:assert/strict";
import { Client } from "@conversationai/perspectiveapi-js-client";

const rude = "You are a complete idiot and nobody likes you.";
const client = new Client(process.env.OMBUD_SUBMITTER);

const scores = await client.getScores(rude);
assert.deepEqual(Object.keys(scores).sort(), ["SPAM", "TOXICITY"]);
assert.ok(scores.TOXICITY > 0.8 && scores.TOXICITY <= 1 && scores.SPAM >= 0 && scores.SPAM < 0.5, JSON.stringify(scores));
const others = await client.getScores(`<b>${rude}</b>`, {
  attributes: ["TOXICITY", "OBSCENE", "TOXICITY_FAST"],
  context: { entries: [{ text: "What was said before." }] },
});
assert.deepEqual([others.TOXICITY, others.TOXICITY_FAST], [scores.TOXICITY, scores.TOXICITY], "it takes the HTML out");
assert.ok(others.OBSCENE > 0);

// It keeps the number of an error alone.
await assert.rejects(client.getScores(rude, { attributes: ["FLIRTATION"] }), /status code 400/);
await assert.rejects(client.getScores(rude, { languages: ["it"] }), /status code 400/);
await assert.rejects(new Client("nobodys-key").getScores(rude), /status code 400/);

console.log("scores, HTML, other names, what it makes of three refusals");
