"""Google's own library for Python, which reads where the calls are from the discovery document."""

import os

from googleapiclient import discovery, errors

URL = os.environ["OMBUD_URL"]
RUDE = "You are a complete idiot and nobody likes you."


def client(key, url=URL):
    document = url + "/$discovery/rest?version=v1alpha1"
    return discovery.build("commentanalyzer", "v1alpha1", developerKey=key, discoveryServiceUrl=document, static_discovery=False)


def refused(call):
    try:
        call.execute()
    except errors.HttpError as error:
        return error
    raise AssertionError("this call was to be refused")


for url in (URL, os.environ["OMBUD_OLD_URL"]):
    comments = client(os.environ["OMBUD_SUBMITTER"], url).comments()
    body = {
        "comment": {"text": RUDE, "type": "PLAIN_TEXT"},
        "requestedAttributes": {"TOXICITY": {"scoreType": "PROBABILITY"}, "INSULT": {}, "THREAT": {"scoreThreshold": 0.99}},
        "languages": ["en"],
        "doNotStore": True,
        "clientToken": "t-1",
    }
    told = comments.analyze(body=body).execute()
    assert told["languages"] == told["detectedLanguages"] == ["en"], told
    assert told["clientToken"] == "t-1", told
    assert sorted(told["attributeScores"]) == ["INSULT", "TOXICITY"], "below its threshold, THREAT is left out"
    toxicity = told["attributeScores"]["TOXICITY"]
    assert 0.8 < toxicity["summaryScore"]["value"] <= 1 and toxicity["summaryScore"]["type"] == "PROBABILITY", toxicity
    assert toxicity["spanScores"] == [{"begin": 0, "end": len(RUDE), "score": toxicity["summaryScore"]}], toxicity

error = refused(comments.analyze(body={"comment": {"text": RUDE}, "requestedAttributes": {"FLIRTATION": {}}}))
assert error.resp.status == 400 and error.reason == "Unknown requested attribute: FLIRTATION", error
assert error.error_details[0]["errorType"] == "INVALID_REQUEST", error.error_details
error = refused(comments.analyze(body={"comment": {"text": ""}, "requestedAttributes": {"TOXICITY": {}}}))
assert error.reason == "Comment must be non-empty." and error.error_details[0]["errorType"] == "COMMENT_EMPTY", error

try:
    raise AssertionError(client("nobodys-key"))
except errors.HttpError as told:
    error = told
assert error.resp.status == 400 and error.reason == "API key not valid. Please pass a valid API key.", error
assert error.error_details[0]["reason"] == "API_KEY_INVALID", error.error_details

feedback = {
    "comment": {"text": "Feedback of google-api-python-client: a friendly word."},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
    "languages": ["en"],
    "clientToken": "t-2",
}
told = client(os.environ["OMBUD_MODERATOR"]).comments().suggestscore(body=feedback).execute()
assert told == {"clientToken": "t-2", "detectedLanguages": ["en"], "requestedLanguages": ["en"]}, told
error = refused(comments.suggestscore(body=feedback))
assert error.resp.status == 403 and error.error_details[0]["reason"] == "ROLE_TOO_LOW", error

print("discovery at both addresses, scores, thresholds, five refusals with their details, feedback")
