// Sentences are where clients find them: cut out of the text by String.slice, one after another they are the text again.

import assert from "node:assert/strict";

const { OMBUD_URL, OMBUD_SUBMITTER, OMBUD_SEED } = process.env;

async function analyze(text) {
  const answer = await fetch(`${OMBUD_URL}/v1alpha1/comments:analyze?key=${OMBUD_SUBMITTER}`, {
    method: "POST",
    body: JSON.stringify({
      comment: { text },
      requestedAttributes: { TOXICITY: {}, INSULT: {} },
      languages: ["en"],
      spanAnnotations: true,
    }),
  });
  return { status: answer.status, data: await answer.json() };
}

/** Checks the places of one text; returns its sentences. */
async function check(text) {
  const named = JSON.stringify(text);
  const { status, data } = await analyze(text);
  assert.equal(status, 200, `${named}: ${JSON.stringify(data)}`);
  const { TOXICITY, INSULT } = data.attributeScores;
  const places = ({ spanScores }) => spanScores.map(({ begin, end }) => [begin, end]);
  assert.deepEqual(places(INSULT), places(TOXICITY), named);
  const sentences = places(TOXICITY).map(([begin, end]) => text.slice(begin, end));
  assert.equal(sentences.join(""), text, named);
  assert.ok(sentences.every((sentence) => sentence.length > 0), named);
  assert.equal(places(TOXICITY).at(-1)[1], text.length, named);
  // No pair of surrogates is torn; some texts come with half of one.
  if (text.isWellFormed()) assert.ok(sentences.every((sentence) => sentence.isWellFormed()), named);
  for (const { score } of TOXICITY.spanScores) assert.ok(score.value >= 0 && score.value <= 1, named);
  return sentences;
}

const known = [
  ["Hi there. ", "You fool!"],
  ["👋🏽 Hello 👨‍👩‍👧‍👦 all. ", "🇩🇪 You fool!"],
  ["e\u0301te\u0301 was fine. ", "You fool!"],
  ["One line\r\n", "another line. ", "You fool!\r\n"],
  ["𝔘𝔫𝔦𝔠𝔬𝔡𝔢 is fun. ", "You fool! ", "𝔄."],
  ["Half \ud83d a face. ", "You fool!"],
  ["The other half \udc4b. ", "You fool\ud83d"],
];
for (const sentences of known) assert.deepEqual(await check(sentences.join("")), sentences);
const odd = [" ", "\r\n\r\n", "👍", "\u0000", "\u200d", "\u0301", "...", "?!?!", "\ufeff.", "a".repeat(20_480), "😀".repeat(5_120)];
for (const text of odd) await check(text);

// Texts made at random from what breaks programs that count in something else. The seed is printed where one fails.
let state = Number(OMBUD_SEED ?? 20261125) >>> 0;
const seed = state;
const below = (limit) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
const pieces = [
  "You fool", "hello", " ", "  ", ". ", "! ", "? ", "...", "。", "\n", "\r\n", "\r", "\t", "\u0000", "\u2028", "é", "e\u0301", "ß", "ǆ", "ﬃ",
  "İ", "日本語", "한국어", "ᄒ\u1161\u11ab", "नमस्ते", "שלום", "مرحبا", "\u202e", "\u200b", "\ufeff", "😀", "👋🏽", "👩‍🚀", "🇫🇷", "1️⃣", "𝒳", "\u{10ffff}", "\ud83d", "\udc4b",
  "https://news.example/a.b?c=d. ", "e.g. ", "3.14 ", "\"Quoted.\" ", "(In brackets.) ", "\\", "\"", "<b>",
];
let sentences = 0;
const rounds = 300;
for (let round = 0; round < rounds; round += 1) {
  const text = Array.from({ length: 1 + below(24) }, () => pieces[below(pieces.length)]).join("");
  const found = await check(text).catch((error) => {
    throw new Error(`OMBUD_SEED=${seed}, text ${round}`, { cause: error });
  });
  sentences += found.length;
}
assert.ok(sentences > 2 * rounds, `${sentences} sentences are too few to show anything`);

console.log(`${known.length + odd.length + rounds} texts, ${sentences} sentences at their places, seed ${seed}`);
