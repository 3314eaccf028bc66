// akismet-api, which Coral uses: the key stands before the host's name, where nothing but small letters and digits survives.

import assert from "node:assert/strict";
import { AkismetClient } from "akismet-api";

const { OMBUD_URL, OMBUD_SUBMITTER_IN_HOST, OMBUD_MODERATOR_IN_HOST } = process.env;
const { port } = new URL(OMBUD_URL);
const blog = "https://news.example/";
const client = (key) => new AkismetClient({ key, blog, protocol: "http", host: `akismet.example:${port}` });
const reader = client(OMBUD_SUBMITTER_IN_HOST);
const moderator = client(OMBUD_MODERATOR_IN_HOST);

const comment = (content, more) => ({
  ip: "203.0.113.7",
  useragent: "Mozilla/5.0",
  permalink: "https://news.example/a-story",
  type: "comment",
  name: "Robin",
  email: "robin@news.example",
  content,
  ...more,
});
const kind = comment("Thank you, that was a helpful explanation of the budget.");
const spam = comment("Earn $5000 a week working from home, click here http://x.example now");

assert.equal(await reader.verifyKey(), true);
assert.equal(await client("nobodys-key").verifyKey(), false);
assert.equal(await reader.checkSpam(kind), false);
assert.equal(await reader.checkSpam(spam), true);
assert.equal(await reader.checkSpam(comment("Hello there.", { name: "viagra-test-123" })), true, "always spam");
assert.equal(await reader.checkSpam(comment(spam.content, { role: "administrator" })), false, "never spam");
await assert.rejects(client("nobodys-key").checkSpam(kind), { message: "Invalid API key" });

const thanks = "Thanks for making the web a better place.";
assert.equal((await moderator.submitSpam(comment("Feedback of akismet-api: buy cheap pills."))).text, thanks);
assert.equal((await moderator.submitHam(comment("Feedback of akismet-api: a friendly word."))).text, thanks);
assert.equal((await moderator.submitSpam(comment("You fool, this is a test.", { isTest: true }))).text, thanks);
await assert.rejects(reader.submitSpam(comment("Feedback of akismet-api that isn't taken.")), { status: 403 });

console.log("keys in the host's name, spam and none, a key that isn't, corrections");
