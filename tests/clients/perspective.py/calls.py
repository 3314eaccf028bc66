"""perspective.py: Google's library inside, and names cut out of the words of errors."""

import os

from perspective import Attributes, Client
from perspective.errors import HTTPException, InvalidToken, UnsupportedLanguage

RUDE = "You are a complete idiot and nobody likes you."
SIX = ["IDENTITY_ATTACK", "INSULT", "PROFANITY", "SEVERE_TOXICITY", "THREAT", "TOXICITY"]


def refused(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("this call was to be refused")


client = Client(os.environ["OMBUD_SUBMITTER"])
percent = client.analyze(RUDE)
assert sorted(percent) == SIX and 80 < percent["TOXICITY"] <= 100, percent
raw = client.analyze(RUDE, attributes=["TOXICITY"], language="English", return_raw=True)
assert raw["languages"] == ["en"] and raw["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == len(RUDE), raw
experimental = client.analyze(RUDE, attributes=["TOXICITY_EXPERIMENTAL", "OBSCENE", "SPAM"])
assert experimental["TOXICITY_EXPERIMENTAL"] == percent["TOXICITY"], experimental

error = refused(lambda: client.analyze(RUDE, attributes=["TOXICITY"], language="Italian"))
assert type(error) is UnsupportedLanguage and str(error) == 'Italian (it) is not supported by "TOXICITY" attribute.', error
# It asks again without the one that an error names, until none is left.
assert client.analyze(RUDE, language="Italian", skip_on_lang=True) == {}
error = refused(lambda: client.analyze(RUDE, attributes=["FLIRTATION"]))
assert type(error) is HTTPException and "Unknown requested attribute: FLIRTATION" in str(error), error
every = Client(os.environ["OMBUD_SUBMITTER_OF_EIGHT"]).analyze(RUDE, attributes=["TOXICITY", "FLIRTATION"])
assert every == {"TOXICITY": percent["TOXICITY"], "FLIRTATION": 0}, every

error = refused(lambda: Client("nobodys-key"))
assert type(error) is InvalidToken, error

print("six names, other names, a language that isn't served, a name that isn't, a key that isn't")
