"""Make a play with planted marks: ``python make_data.py [kilobytes] [seed] > data/play.jsonl``.

Each scene makes a mark for itself, one scene of each act makes one for the act, and a dozen scenes make one for the
whole play; a summary that is worth its name keeps those of its level.
"""

import json
import random
import sys

SPEAKERS = ("VIOLA", "ORSINO", "PAULINA", "LEONTES", "HERMIA", "BANQUO", "PORTIA", "EDGAR", "IMOGEN", "CASSIO")
VOCABULARY = """
the a my thy our this that no some all king queen night morrow heart hand sword crown letter ring garden tower sea ship
wind storm moon star father daughter brother friend fool ghost grave oath love grief honour fortune treason comes goes
speaks weeps laughs swears dies lives sleeps wakes falls rises turns burns and but so yet then when where sweet bitter
noble false cruel gentle silent golden black bright never ever here there now again alone together
"""
WORDS = VOCABULARY.split()
THINGS = ("casket", "letter", "ring", "crown", "dagger", "lantern", "ledger", "mirror", "key", "banner")

SCENE_BYTES = 4_400
SCENES_IN_AN_ACT = 4
MARKS_FOR_THE_PLAY = 12


def scenes(kilobytes, seed=7):
    """The scenes of a play of about so many kilobytes."""
    chance = random.Random(seed)
    lines = [_line(chance) for _ in range(2_000)]
    count = max(1, round(kilobytes * 1000 / SCENE_BYTES))
    acts = -(-count // SCENES_IN_AN_ACT)
    every = max(1, acts // MARKS_FOR_THE_PLAY)
    for number in range(count):
        act, scene = divmod(number, SCENES_IN_AN_ACT)
        ranks = ["scene"]
        if scene == act % min(SCENES_IN_AN_ACT, count - act * SCENES_IN_AN_ACT):
            ranks.append("act")
            if act % every == 0 and act // every < MARKS_FOR_THE_PLAY:
                ranks.append("play")
        spoken = [chance.choice(lines) for _ in range(chance.randint(40, 92))]
        for rank in ranks:
            number = f"{act + 1}-{scene + 1}-{chance.randint(100, 999)}"
            mark = f"mark for the {rank}: the {chance.choice(THINGS)} bears the number {number}"
            spoken.insert(chance.randint(0, len(spoken)), f"{chance.choice(SPEAKERS)}. Now {mark}.")
        text = "\n".join((f"ACT {act + 1}, SCENE {scene + 1}", *spoken))
        yield {"act": act + 1, "scene": scene + 1, "text": text}


def _line(chance):
    words = " ".join(chance.choice(WORDS) for _ in range(chance.randint(6, 14)))
    return f"{chance.choice(SPEAKERS)}. {words.capitalize()}."


if __name__ == "__main__":
    for row in scenes(*map(int, sys.argv[1:] or (40,))):
        print(json.dumps(row))
