"""What peers share: one JSON object a line in, one a line out; an error is an answer too."""

import json
import sys


def serve(answer, out=None):
    """Answers each line of standard input with `answer(request)`. Whatever an answer prints must not go to `out`."""
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # said to the one who asked
            reply = {"error": repr(error)}
        print(json.dumps(reply), file=out or sys.stdout, flush=True)
