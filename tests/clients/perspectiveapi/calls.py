"""perspectiveapi: by httpx, waiting and not, with the old host name inside."""

import asyncio
import os

from perspective import Attribute, Perspective, blocking

RUDE = "You are a complete idiot and nobody likes you."
KEY = os.environ["OMBUD_SUBMITTER"]

score = blocking.Perspective(KEY).score(RUDE, [Attribute.TOXICITY, Attribute.INSULT, Attribute.THREAT])
assert 0.8 < score.toxicity <= 1 and 0 < score.insult <= 1 and 0 <= score.threat < 0.5, score
assert score.severe_toxicity is None and score.flirtation is None, "they weren't asked for"


async def waiting():
    client = Perspective(KEY)
    return await client.score(RUDE)


assert asyncio.run(waiting()).toxicity == score.toxicity

# It looks for scores in whatever it is answered, errors too.
for attributes, key in (([Attribute.FLIRTATION], KEY), ([Attribute.TOXICITY], "nobodys-key")):
    try:
        blocking.Perspective(key).score(RUDE, attributes)
        raise AssertionError("this call was to be refused")
    except KeyError as error:
        assert error.args == ("attributeScores",), error

every = blocking.Perspective(os.environ["OMBUD_SUBMITTER_OF_EIGHT"]).score(RUDE, list(Attribute))
assert every.toxicity == score.toxicity and every.flirtation == 0 and every.sexually_explicit is not None, every

print("both of its clients, what they make of errors, all names of a site that says what stands behind them")
