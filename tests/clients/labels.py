"""Checks what was learned from the clients' feedback: labels.py LABELS.jsonl."""

import json
import sys

TOXIC, FRIENDLY = {"TOXICITY": True}, {"TOXICITY": False}
WANTED = [
    # Coral's feedback is a verdict on one of its comments; the last one on each holds.
    ("coral", {"comment_id": "c-1", "rejected": False}),
    ("coral", {"comment_id": "c-2", "rejected": False}),
    # A score of 0 is one too.
    ("google-api-python-client", {"attributes": FRIENDLY}),
    # To both servers.
    ("googleapis", {"attributes": FRIENDLY}),
    ("googleapis", {"attributes": FRIENDLY}),
    ("perspective", {"attributes": TOXIC}),
    ("pyspective", {"attributes": TOXIC}),
]

with open(sys.argv[1], encoding="utf-8") as lines:
    labels = [json.loads(line) for line in lines]
for label in labels:
    label["client"] = label["text"].removeprefix("Feedback of ").split(":")[0]
labels.sort(key=lambda label: (label["client"], label["comment_id"]))

assert [label["client"] for label in labels] == [client for client, _ in WANTED], labels
for label, (_, wanted) in zip(labels, WANTED):
    assert label["source"] == "SUGGESTION" and label["site_id"] == "default", label
    assert {name: label.get(name) for name in wanted} == wanted, (label, wanted)
    assert ("attributes" in label) != ("rejected" in label), label
print(f"feedback of {len(set(client for client, _ in WANTED))} clients became {len(labels)} labels")
