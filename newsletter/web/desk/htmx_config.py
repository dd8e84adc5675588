"""How htmx behaves on the pages of the desk."""

import json

# What htmx may do under the policy above: no eval, no style elements, and no copies of pages in the browser's storage.
# Answers to a form with an error replace their target, like others. What has come is bound at once: in the 20 ms that
# htmx waits otherwise, the browser itself would send a new form, and load a page in place of the part.
HTMX = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "historyCacheSize": 0,
        "defaultSettleDelay": 0,
        "refreshOnHistoryMiss": True,
        "scrollIntoViewOnBoost": False,
        "timeout": 30_000,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "409|422", "swap": True, "error": False},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)
