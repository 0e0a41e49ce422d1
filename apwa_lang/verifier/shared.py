"""What is said of the bodies of tasks: that two calls share nothing.

In: a body, and what a certificate says of it. Out: why that cannot stand. The analysis of Python functions is not
repeated: a function that is called pure is taken for it, as long as its source is among those that were analysed.
"""

from __future__ import annotations

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.bodies import Body
from apwa_lang.verifier.declarations import Routine
from apwa_lang.verifier.document import Evidence, Said
from apwa_lang.verifier.hypotheses import Hypothesis, stateless

_BACKED = {
    "shell": "the script runs in a process of its own, in its scratch folder",
    "server": "each sub-problem has a server of its own that may write to its scratch folder only",
    "builtin": "each call of the built-in tool runs in a process of its own",
    "split": "the function that splits runs by itself, in a process that writes to its scratch folder only",
}
_REMOTE = "what one sub-problem asks of this server is taken to change nothing there for another"
_OWN_PROCESS = "each call runs in a process of its own that may write to its scratch folder only: "
_OF_FUNCTIONS = (" keeps nothing of one call for another", " reads is written by nothing in a run")


def trust_of(task: Routine | None) -> str | None:
    """The reason by which the author of a task vouches for it."""
    setting = task.settings.get("trust") if task is not None else None
    return setting.value.value if setting is not None and isinstance(setting.value, ast.StringLiteral) else None


def body_objection(body: Body, trust: str | None, said: Said, evidence: Evidence | None) -> str | None:
    """Why what is said of two calls of a body cannot stand; None if it does."""
    if evidence is not None:
        return "nothing is evidence of what a body does"
    match body.language, said.verdict:
        case "prompt", "proved":
            return _proof_objection(said, "B1", said.hypotheses == {stateless(one) for one in body.models})
        case "python", "proved":
            return _proof_objection(said, "B2", _of_a_function(said.hypotheses))
        case "python", "trusted":
            sound = _of_a_function(said.hypotheses) and not said.rule and said.backing is None
            return None if sound and trust and said.reason == trust else "its reason is not that of the program"
        case "python", "checked":
            alone = (said.reason or "").startswith(_OWN_PROCESS) and not body.together
            sound = alone and _of_a_function(said.hypotheses)
        case "server", "trusted":
            given = body.trust or (_REMOTE if body.remote and not body.together else None)
            sound = not said.hypotheses and not said.rule and said.backing is None
            return None if sound and given and said.reason == given else "its reason is not that of the program"
        case ("shell" | "server" | "builtin" | "split") as language, "checked":
            kept_apart = not (body.remote or body.together or body.trust)
            sound = kept_apart and not said.hypotheses and said.reason == _BACKED[language]
        case _:
            return f"it is {said.verdict}, which no such body is"
    return None if sound and said.backing == "process" and not said.rule else "it does not say what holds it"


def _proof_objection(said: Said, rule: str, granted: bool) -> str | None:
    if said.rule != rule or said.reason is not None or said.backing is not None:
        return f"only {rule} proves anything of such a body"
    return None if granted else "its hypotheses are not those of such a body"


def _of_a_function(hypotheses: frozenset[Hypothesis]) -> bool:
    return all(
        one.mark == "trusted" and one.text.endswith(_OF_FUNCTIONS) and not one.text.startswith("model ")
        for one in hypotheses
    )
