"""The response in a text that has prompt and response, as OpenRLHF sends it."""

_SHORTEST_TAIL = 64
"""Characters of a prompt that was cut at its beginning which have to be left of it."""


def response_of(query: str, prompt: str) -> str:
    """What follows the prompt in a query; of a prompt that was cut at its beginning, what follows its end.

    Raises:
        ValueError: The prompt is not in it. The whole query is no response: an answer in the prompt could be taken for
            the policy's.
    """
    at = query.find(prompt)
    if at >= 0:
        return query[at + len(prompt) :]
    tail = prompt[-_SHORTEST_TAIL:]
    at = query.find(tail) if len(tail) == _SHORTEST_TAIL else -1
    response = None
    while at >= 0:
        end = at + len(tail)
        if prompt.endswith(query[:end].lstrip("\ufffd")):  # the cut may be within a character
            response = query[end:]
        at = query.find(tail, at + 1, len(prompt))
    if response is None:
        raise ValueError("the query does not have the prompt in it, so that where the response begins cannot be told")
    return response
