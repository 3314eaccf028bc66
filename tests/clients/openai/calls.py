"""OpenAI's own library for Python; its address can be set."""

import os

import openai

RUDE = "You are a complete idiot and nobody likes you."
ANSWERED = ["harassment", "harassment/threatening", "hate", "hate/threatening", "violence"]


def client(key):
    return openai.OpenAI(api_key=key, base_url=os.environ["OMBUD_URL"] + "/v1", max_retries=0)


def refused(call):
    try:
        call()
    except openai.APIStatusError as error:
        return error
    raise AssertionError("this call was to be refused")


def given(result):
    """Returns what came over the wire, without what the library's types add to it."""
    return result.model_dump(by_alias=True, exclude_unset=True)


moderations = client(os.environ["OMBUD_SUBMITTER"]).moderations
one = moderations.create(input=RUDE, model="omni-moderation-latest")
assert one.id.startswith("modr-") and one.model and len(one.results) == 1, one
rude = one.results[0]
assert rude.flagged and rude.categories.harassment and rude.category_scores.harassment > 0.5, rude
assert not rude.categories.violence and not rude.categories.hate, rude
assert rude.category_applied_input_types.harassment == ["text"], rude
for part in ("categories", "category_scores", "category_applied_input_types"):
    assert sorted(given(rude)[part]) == ANSWERED, "what nobody looked at isn't answered"
assert getattr(rude.category_scores, "sexual", None) is None, "nor made up by the library"

several = moderations.create(input=["Thank you for the explanation.", RUDE, "👍"])
assert [result.flagged for result in several.results] == [False, True, False], several
assert several.results[1].category_scores.harassment == rude.category_scores.harassment
parts = moderations.create(input=[{"type": "text", "text": RUDE}])
assert parts.results[0].category_scores.harassment == rude.category_scores.harassment

error = refused(lambda: moderations.create(input=[{"type": "image_url", "image_url": {"url": "https://news.example/a.png"}}]))
assert type(error) is openai.BadRequestError and error.param == "input[0]" and error.type == "invalid_request_error", error
assert "Images can't be looked at here" in error.message, error
error = refused(lambda: client("nobodys-key").moderations.create(input=RUDE))
assert type(error) is openai.AuthenticationError and error.code == "invalid_api_key", error

print("one text, several, parts, only the categories that are answered, two refusals in its own errors")
