// What Coral sends, written down from its source: there is no package of it. One key serves both calls, so it is a moderator's.

import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import path from "node:path";

const { OMBUD_URL, OMBUD_OLD_URL, OMBUD_SUBMITTER, OMBUD_MODERATOR } = process.env;
const rude = "You are a complete idiot and nobody likes you.";
const timeout = 800;
const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };

/** Coral's way from what an admin typed to an address. */
function address(endpoint, operation, key) {
  const url = new URL((endpoint || "https://commentanalyzer.googleapis.com/v1alpha1").trim());
  url.pathname = path.join(url.pathname, `/${operation}`);
  url.searchParams.set("key", key.trim());
  return url;
}

/** Sends a body as Coral does; a call that takes longer than it waits fails. */
function send(url, body) {
  const { request } = url.protocol === "https:" ? https : http;
  const headers = {
    Accept: "application/json, text/plain, */*",
    "Content-Type": "application/json",
    "User-Agent": "Coral Perspective/9.9.0",
    "Accept-Encoding": "gzip, compress, deflate, br",
  };
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent: agents[url.protocol], headers, signal: AbortSignal.timeout(timeout) };
    const sent = request(url, options, (answer) => {
      const parts = [];
      answer.on("error", reject);
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        resolve({ status: answer.statusCode, data: JSON.parse(Buffer.concat(parts)), reused: sent.reusedSocket });
      });
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

const question = (text, language = "en", model = "TOXICITY") => ({
  comment: { text },
  doNotStore: true,
  requestedAttributes: { [model]: {} },
  languages: [language],
});

// Whatever an admin types in the form, and the address that Coral takes where nothing is typed.
const endpoints = [OMBUD_URL, `${OMBUD_URL}/`, `${OMBUD_URL}/v1alpha1`, ` ${OMBUD_URL}/v1alpha1/ `, `${OMBUD_URL}/any/path`, null];
assert.equal(address(null, "", "").origin, OMBUD_OLD_URL);
assert.equal(address(`${OMBUD_URL}/`, "comments:analyze", "k").href, `${OMBUD_URL}/comments:analyze?key=k`);
const scores = [];
for (const endpoint of endpoints) {
  const { status, data } = await send(address(endpoint, "comments:analyze", OMBUD_MODERATOR), question(rude));
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(data).sort(), ["attributeScores", "detectedLanguages", "languages"]);
  assert.deepEqual([data.languages, data.detectedLanguages], [["en"], ["en"]]);
  assert.deepEqual(Object.keys(data.attributeScores), ["TOXICITY"]);
  scores.push(data.attributeScores.TOXICITY.summaryScore.value);
}
assert.ok(scores.every((score) => score === scores[0] && score > 0.8), scores.join());

const analyze = address(OMBUD_URL, "comments:analyze", ` ${OMBUD_MODERATOR} `);
const kind = await send(analyze, question("Thank you, that was a helpful explanation of the budget."));
assert.ok(kind.data.attributeScores.TOXICITY.summaryScore.value < 0.5);
assert.ok(kind.reused, "a connection is kept");
const severe = await send(analyze, question(rude, "en", "SEVERE_TOXICITY"));
assert.ok(severe.data.attributeScores.SEVERE_TOXICITY.summaryScore.value > 0);

// Coral calls every language that it has no other name for English.
const dutch = "Dit is een heel gewone zin over het weer en de gemeenteraad van gisteren, en hij gaat nog even door.";
const hinted = await send(analyze, question(dutch));
assert.deepEqual([hinted.status, hinted.data.languages, hinted.data.detectedLanguages], [200, ["en"], ["nl"]]);
// The languages of its Spanish, French, German and Brazilian sites aren't the built-in model's: Coral logs that and goes on.
const french = await send(analyze, question("Merci pour votre explication.", "fr"));
assert.equal(french.data.error.message, "Attribute TOXICITY does not support request languages: fr");

/** Coral's word on a ruling. */
function ruling(status, commentID, commentParentID) {
  return {
    comment: { text: "Feedback of coral: what a reader wrote." },
    context: {
      entries: [
        {
          text: JSON.stringify({
            url: `https://news.example/a-story?commentID=${commentID}`,
            reply_to_id_Coral_comment_id: commentParentID,
            Coral_comment_id: commentID,
          }),
        },
      ],
    },
    attributeScores: { TOXICITY: { summaryScore: { value: status === "APPROVED" ? 0 : 1 } } },
    languages: ["en"],
    communityId: "Coral:https://coral.news.example/",
    clientToken: `comment:${commentID}`,
  };
}

const suggest = address(OMBUD_URL, "comments:suggestscore", OMBUD_MODERATOR);
for (const [status, id, parent] of [["APPROVED", "c-1", undefined], ["REJECTED", "c-2", "c-1"], ["APPROVED", "c-2", "c-1"]]) {
  assert.deepEqual(await send(suggest, ruling(status, id, parent)).then(({ status, data }) => [status, data]), [
    200,
    { clientToken: `comment:${id}`, detectedLanguages: ["en"], requestedLanguages: ["en"] },
  ]);
}
const untaught = await send(address(OMBUD_URL, "comments:suggestscore", OMBUD_SUBMITTER), ruling("APPROVED", "c-3"));
assert.deepEqual([untaught.status, untaught.data.error.status], [403, "PERMISSION_DENIED"]);

for (const agent of Object.values(agents)) agent.destroy();
console.log("six ways to type the address, scores within 800 ms, hints of languages, feedback");
