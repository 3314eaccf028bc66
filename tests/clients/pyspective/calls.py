"""pyspective: eight names at once unless told otherwise, by `requests`, with the old host name inside."""

import os

from pyspective import pyspective

RUDE = "You are a complete idiot and nobody likes you."
EIGHT = ["FLIRTATION", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "SEVERE_TOXICITY", "SEXUALLY_EXPLICIT", "THREAT", "TOXICITY"]

client = pyspective.PyspectiveAPI(os.environ["OMBUD_SUBMITTER"])
one = client.score(RUDE, "toxicity")
assert list(one) == ["TOXICITY"] and 0.8 < one["TOXICITY"] <= 1, one

# It looks for scores in whatever it is answered, errors too. The site of this key says nothing about FLIRTATION.
try:
    client.score(RUDE)
    raise AssertionError("FLIRTATION is no name here")
except KeyError as error:
    assert error.args == ("attributeScores",), error

# The site of this key says what stands behind the two names that there aren't.
eight = pyspective.PyspectiveAPI(os.environ["OMBUD_SUBMITTER_OF_EIGHT"]).score(RUDE)
assert sorted(eight) == EIGHT, eight
assert eight["FLIRTATION"] == 0 and eight["SEXUALLY_EXPLICIT"] == eight["PROFANITY"] and eight["TOXICITY"] == one["TOXICITY"], eight

moderator = pyspective.PyspectiveAPI(os.environ["OMBUD_MODERATOR"])
assert moderator.suggest("Feedback of pyspective: you are all idiots.", 1) == "Successed"
assert client.suggest("Feedback of pyspective that isn't taken.", 1) is None, "a submitter's key teaches nothing"

print("one name, eight names, what it makes of an error, feedback")
