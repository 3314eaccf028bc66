"""perspective: every field that there is, by urllib; its address can be set."""

import json
import os
import urllib.error

from perspective import PerspectiveAPI

RUDE = "You are a complete idiot and nobody likes you."


def refused(call):
    try:
        call()
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]
    raise AssertionError("this call was to be refused")


at_old_name = PerspectiveAPI(os.environ["OMBUD_SUBMITTER"])
elsewhere = PerspectiveAPI(os.environ["OMBUD_SUBMITTER"])
elsewhere.api_client.url = os.environ["OMBUD_URL"] + "/v1alpha1/{endpoint}"
for client in (at_old_name, elsewhere):
    scores = client.score(RUDE, tests=["TOXICITY", "INSULT", "OBSCENE"])
    assert sorted(scores) == ["INSULT", "OBSCENE", "TOXICITY"] and 0.8 < scores["TOXICITY"] <= 1, scores

told = client.analyze_comment(
    text="Thank you for this. " + RUDE,
    comment_type="PLAIN_TEXT",
    context=[{"text": "What was said before.", "type": "PLAIN_TEXT"}],
    requested_attributes={"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}},
    span_annotations=True,
    languages=["en"],
    do_not_store=True,
    client_token="t-1",
    session_id="s-1",
    community_id="c-1",
)
assert told["clientToken"] == "t-1" and told["languages"] == ["en"], told
spans = told["attributeScores"]["TOXICITY"]["spanScores"]
assert [(span["begin"], span["end"]) for span in spans] == [(0, 20), (20, 20 + len(RUDE))], spans
assert spans[0]["score"]["value"] < 0.3 < 0.8 < spans[1]["score"]["value"], spans

code, error = refused(lambda: client.analyze_comment(RUDE, comment_type="HTML"))
assert code == 400 and error["message"] == "Currently, only 'PLAIN_TEXT' comments are supported", error
code, error = refused(lambda: client.analyze_comment(RUDE, languages=["it"]))
assert error["message"] == "Attribute TOXICITY does not support request languages: it", error
assert error["details"][0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", error

moderator = PerspectiveAPI(os.environ["OMBUD_MODERATOR"])
feedback = {"TOXICITY": {"spanScores": [{"begin": 0, "end": 9, "score": {"value": 1.0, "type": "PROBABILITY"}}]}}
told = moderator.suggest_score("Feedback of perspective: you idiots.", feedback, client_token="t-2", community_id="c-1", languages=["en"])
assert told == {"clientToken": "t-2", "detectedLanguages": ["en"], "requestedLanguages": ["en"]}, told
code, error = refused(lambda: client.suggest_score(RUDE, feedback))
assert code == 403 and error["status"] == "PERMISSION_DENIED", error

print("the old name and a set address, every field, sentences, three refusals, feedback")
