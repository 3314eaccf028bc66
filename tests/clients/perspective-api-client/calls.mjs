// perspective-api-client: takes HTML out, keeps a limit of its own, and has the old host name inside.

import assert from "node:assert/strict";
import Perspective from "perspective-api-client";

const { OMBUD_SUBMITTER, OMBUD_SUBMITTER_OF_EIGHT } = process.env;
const rude = "You are a complete idiot and nobody likes you.";
const client = new Perspective({ apiKey: OMBUD_SUBMITTER });

const told = await client.analyze(rude, { attributes: ["toxicity", "insult"] });
assert.deepEqual(Object.keys(told.attributeScores).sort(), ["INSULT", "TOXICITY"]);
const { summaryScore, spanScores } = told.attributeScores.TOXICITY;
assert.ok(summaryScore.value > 0.8 && summaryScore.value <= 1 && summaryScore.type === "PROBABILITY");
assert.deepEqual(spanScores, [{ begin: 0, end: rude.length, score: summaryScore }]);
assert.deepEqual([told.languages, told.detectedLanguages], [["en"], ["en"]]);

const marked = await client.analyze(`<p>${rude}</p>`);
assert.equal(marked.attributeScores.TOXICITY.summaryScore.value, summaryScore.value, "it takes the HTML out");
const whole = await client.analyze({
  comment: { text: `A fine day. ${rude}` },
  requestedAttributes: { TOXICITY: { scoreThreshold: 0.1 } },
  spanAnnotations: true,
  clientToken: "t-1",
});
assert.deepEqual([whole.clientToken, whole.attributeScores.TOXICITY.spanScores.length], ["t-1", 2]);
const kind = await client.analyze({ comment: { text: "Thank you." }, requestedAttributes: { TOXICITY: { scoreThreshold: 0.99 } } });
assert.deepEqual(kind, { languages: ["en"], detectedLanguages: ["en"] }, "no map where all is below its threshold");

/** Expects an error of the library's with the server's words. */
async function refused(answer, message, errorType) {
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof Perspective.ResponseError, error);
    assert.equal(error.message, message);
    assert.equal(error.response.status, 400);
    assert.equal(error.response.data.error.details[0].errorType, errorType);
    return true;
  });
}
await refused(client.analyze(rude, { attributes: ["flirtation"] }), "Unknown requested attribute: FLIRTATION", "INVALID_REQUEST");
await refused(client.analyze("", { validate: false }), "Comment must be non-empty.", "COMMENT_EMPTY");
// Its own limit counts characters, the server's counts bytes.
const long = "ü".repeat(10_241);
const message = "Comment text was too many bytes. Value (20482) exceeded limit (20480).";
await refused(client.analyze(long), message, "COMMENT_TOO_LONG");
const stranger = new Perspective({ apiKey: "nobodys-key" });
await refused(stranger.analyze(rude), "API key not valid. Please pass a valid API key.", undefined);

const eight = new Perspective({ apiKey: OMBUD_SUBMITTER_OF_EIGHT });
const flirt = await eight.analyze(rude, { attributes: ["flirtation"] });
assert.equal(flirt.attributeScores.FLIRTATION.summaryScore.value, 0, "that site says what stands behind the name");

console.log("scores, HTML, sentences, thresholds, four refusals in its own errors");
