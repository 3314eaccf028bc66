// Google's own library for Node, which reads where the calls are from the discovery document.

import assert from "node:assert/strict";
import { google } from "googleapis";

const { OMBUD_URL, OMBUD_OLD_URL, OMBUD_SUBMITTER, OMBUD_MODERATOR } = process.env;
const rude = "You are a complete idiot and nobody likes you.";

for (const url of [OMBUD_URL, OMBUD_OLD_URL]) {
  const client = await google.discoverAPI(`${url}/$discovery/rest?version=v1alpha1`);
  const { data, status } = await client.comments.analyze({
    key: OMBUD_SUBMITTER,
    resource: {
      comment: { text: rude, type: "PLAIN_TEXT" },
      requestedAttributes: { TOXICITY: {}, INSULT: { scoreThreshold: 0.1 }, SPAM: { scoreThreshold: 0.99 } },
      languages: ["en"],
      doNotStore: true,
      clientToken: "t-1",
    },
  });
  assert.equal(status, 200);
  assert.deepEqual([data.clientToken, data.languages, data.detectedLanguages], ["t-1", ["en"], ["en"]]);
  assert.deepEqual(Object.keys(data.attributeScores).sort(), ["INSULT", "TOXICITY"]);
  const { summaryScore, spanScores } = data.attributeScores.TOXICITY;
  assert.ok(summaryScore.value > 0.8 && summaryScore.value <= 1, summaryScore.value);
  assert.deepEqual(spanScores, [{ begin: 0, end: rude.length, score: summaryScore }]);

  const ask = (key, comment, requestedAttributes) =>
    client.comments.analyze({ key, resource: { comment, requestedAttributes } });
  await assert.rejects(ask(OMBUD_SUBMITTER, { text: rude }, { FLIRTATION: {} }), (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.message, "Unknown requested attribute: FLIRTATION");
    assert.equal(error.response.data.error.details[0].errorType, "INVALID_REQUEST");
    return true;
  });
  await assert.rejects(ask("nobodys-key", { text: rude }, { TOXICITY: {} }), (error) => {
    assert.equal(error.message, "API key not valid. Please pass a valid API key.");
    assert.equal(error.response.data.error.details[0].reason, "API_KEY_INVALID");
    return true;
  });

  const suggest = (key) =>
    client.comments.suggestscore({
      key,
      resource: {
        comment: { text: "Feedback of googleapis: a friendly word." },
        attributeScores: { TOXICITY: { summaryScore: { value: 0 } } },
        clientToken: "t-2",
      },
    });
  assert.deepEqual((await suggest(OMBUD_MODERATOR)).data, { clientToken: "t-2", detectedLanguages: ["en"] });
  await assert.rejects(suggest(OMBUD_SUBMITTER), { status: 403 });
}

console.log("discovery at both addresses, scores, thresholds, three refusals with their details, feedback");
