//! The document from which Google's libraries learn which calls there are, and where.

use crate::web::Doors;
use crate::web::place::root;
use http::request::Parts;
use serde_json::{Value, json};

/// Describes the service at the address under which it was asked for.
pub(super) fn document(doors: &Doors, parts: &Parts) -> Value {
    let path = parts.uri.path();
    let prefix = path.rfind("/$discovery").or_else(|| path.rfind("/%24discovery")).map_or("", |at| &path[..at]);
    let root = format!("{}{prefix}/", root(doors.public_url.as_deref(), doors.is_tls, parts));
    let method = |name: &str, description: &str, request: &str, response: &str| {
        let path = format!("v1alpha1/comments:{name}");
        json!({
            "id": format!("commentanalyzer.comments.{name}"),
            "path": path,
            "flatPath": path,
            "httpMethod": "POST",
            "description": description,
            "parameters": {},
            "parameterOrder": [],
            "request": { "$ref": request },
            "response": { "$ref": response },
        })
    };
    json!({
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": "v1alpha1",
        "title": "Perspective API, as Ombud answers it",
        "description": "Scores comments, and learns from the scores that people give.",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "",
        "baseUrl": root,
        "basePath": "",
        "batchPath": "batch",
        "parameters": {
            "key": { "type": "string", "location": "query", "description": "A token of Ombud's." },
            "alt": { "type": "string", "location": "query", "default": "json", "enum": ["json"], "enumDescriptions": ["JSON"], "description": "The form of the answer." },
            "fields": { "type": "string", "location": "query", "description": "Passed over." },
            "prettyPrint": { "type": "boolean", "location": "query", "default": "true", "description": "Passed over." },
            "quotaUser": { "type": "string", "location": "query", "description": "Passed over." },
        },
        "schemas": schemas(),
        "resources": {
            "comments": {
                "methods": {
                    "analyze": method("analyze", "Scores a comment.", "AnalyzeCommentRequest", "AnalyzeCommentResponse"),
                    "suggestscore": method("suggestscore", "Keeps scores that a person gave, to learn from.", "SuggestCommentScoreRequest", "SuggestCommentScoreResponse"),
                },
            },
        },
    })
}

fn schemas() -> Value {
    let object = |id: &str, properties: Value| json!({ "id": id, "type": "object", "properties": properties });
    let (text, number, flag) =
        (json!({ "type": "string" }), json!({ "type": "number", "format": "float" }), json!({ "type": "boolean" }));
    let place = json!({ "type": "integer", "format": "int32" });
    let of = |name: &str| json!({ "$ref": name });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let map = |values: Value| json!({ "type": "object", "additionalProperties": values });
    let texts = list(text.clone());
    let score_type = json!({
        "type": "string",
        "enum": ["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"],
        "enumDescriptions": ["Not said.", "The one that there is.", "", "", ""],
    });
    let text_type = json!({
        "type": "string",
        "enum": ["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"],
        "enumDescriptions": ["Not said.", "The one that there is.", ""],
    });
    json!({
        "AnalyzeCommentRequest": object("AnalyzeCommentRequest", json!({
            "comment": of("TextEntry"), "requestedAttributes": map(of("AttributeParameters")), "languages": texts,
            "context": of("Context"), "spanAnnotations": flag, "doNotStore": flag, "clientToken": text,
            "sessionId": text, "communityId": text,
        })),
        "AnalyzeCommentResponse": object("AnalyzeCommentResponse", json!({
            "attributeScores": map(of("AttributeScores")), "languages": texts, "detectedLanguages": texts, "clientToken": text,
        })),
        "SuggestCommentScoreRequest": object("SuggestCommentScoreRequest", json!({
            "comment": of("TextEntry"), "context": of("Context"), "attributeScores": map(of("AttributeScores")),
            "languages": texts, "communityId": text, "clientToken": text, "sessionId": text,
        })),
        "SuggestCommentScoreResponse": object("SuggestCommentScoreResponse", json!({
            "clientToken": text, "detectedLanguages": texts, "requestedLanguages": texts,
        })),
        "TextEntry": object("TextEntry", json!({ "text": text, "type": text_type })),
        "Context": object("Context", json!({
            "entries": list(of("TextEntry")), "articleAndParentComment": of("ArticleAndParentComment"),
        })),
        "ArticleAndParentComment": object("ArticleAndParentComment", json!({
            "article": of("TextEntry"), "parentComment": of("TextEntry"),
        })),
        "AttributeParameters": object("AttributeParameters", json!({ "scoreType": score_type, "scoreThreshold": number })),
        "AttributeScores": object("AttributeScores", json!({
            "summaryScore": of("Score"), "spanScores": list(of("SpanScore")),
        })),
        "SpanScore": object("SpanScore", json!({ "begin": place, "end": place, "score": of("Score") })),
        "Score": object("Score", json!({ "value": number, "type": score_type })),
    })
}
