"""Make records with planted personal data: ``python make_data.py [count] > data/records.jsonl``.

Each record is a few sentences; ``planted`` has every piece of personal data in it, by one of 27 kinds.
"""

import json
import random
import sys

FIRST = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Donald", "Frances", "Niklaus", "Karen")
LAST = ("Lovelace", "Hopper", "Dijkstra", "Liskov", "Turing", "Perlman", "Knuth", "Allen", "Wirth", "Jones")
STREETS = ("Mill Lane", "Station Road", "High Street", "Church Walk", "Harbour View")
CITIES = ("Norwich", "Galway", "Utrecht", "Porto", "Uppsala", "Ghent")
COMPANIES = ("Delta Freight Ltd", "Harbour Books Ltd", "Green Grocer Ltd", "Blue Door Ltd")


def digits(count):
    return "".join(random.choice("0123456789") for _ in range(count))


def letters(count):
    return "".join(random.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))


def hexes(count):
    return "".join(random.choice("0123456789abcdef") for _ in range(count))


KINDS = {
    "name": ("The caller was {}.", lambda: f"{random.choice(FIRST)} {random.choice(LAST)}"),
    "email": ("Write to {}.", lambda: f"{random.choice(FIRST).lower()}.{digits(3)}@example.org"),
    "phone": ("The number is {}.", lambda: f"+44 20 {digits(4)} {digits(4)}"),
    "street": ("They live at {}.", lambda: f"{random.randint(1, 99)} {random.choice(STREETS)}"),
    "city": ("They moved to {} last year.", lambda: random.choice(CITIES)),
    "postcode": ("The postcode is {}.", lambda: f"{letters(2)}{digits(1)} {digits(1)}{letters(2)}"),
    "birthday": ("Born on {}.", lambda: f"19{digits(2)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"),
    "age": ("The patient is {} old.", lambda: f"{random.randint(18, 99)} years"),
    "ssn": ("The social security number is {}.", lambda: f"{digits(3)}-{digits(2)}-{digits(4)}"),
    "passport": ("Passport {} was shown.", lambda: f"P{digits(8)}"),
    "licence": ("Driving licence {} was checked.", lambda: f"DL-{digits(7)}"),
    "plate": ("The car is registered as {}.", lambda: f"{letters(2)}{digits(2)} {letters(3)}"),
    "vin": ("The vehicle is {}.", lambda: f"VIN{letters(4)}{digits(10)}"),
    "card": ("Paid by card {}.", lambda: f"4{digits(3)} {digits(4)} {digits(4)} {digits(4)}"),
    "iban": ("Transfer to {}.", lambda: f"GB{digits(2)} {letters(4)} {digits(4)} {digits(4)} {digits(4)} {digits(2)}"),
    "account": ("The account is {}.", lambda: f"ACC-{digits(8)}"),
    "tax": ("The tax number is {}.", lambda: f"UTR {digits(10)}"),
    "patient": ("Hospital number {}.", lambda: f"MRN-{digits(6)}"),
    "insurance": ("Insured as {}.", lambda: f"INS-{letters(2)}-{digits(6)}"),
    "username": ("The user {} logged in.", lambda: f"@{random.choice(LAST).lower()}{digits(2)}"),
    "password": ("The password was {}.", lambda: f"pw:{hexes(10)}"),
    "key": ("They posted the key {}.", lambda: f"sk-{hexes(20)}"),
    "ip": ("The address was {}.", lambda: ".".join(str(random.randint(1, 254)) for _ in range(4))),
    "mac": ("The device is {}.", lambda: ":".join(hexes(2) for _ in range(6))),
    "url": ("See {} for more.", lambda: f"https://example.org/~{random.choice(LAST).lower()}/{digits(4)}"),
    "place": ("Last seen at {}.", lambda: f"{random.randint(40, 59)}.{digits(4)}, -{random.randint(0, 9)}.{digits(4)}"),
    "employer": ("Works for {}.", lambda: random.choice(COMPANIES)),
}
PLAIN = (
    "The meeting was moved to the afternoon.",
    "Nothing else was said.",
    "The weather was fine.",
    "A second visit is planned.",
)


def records(count, seed=11):
    random.seed(seed)
    kinds = list(KINDS)
    for index in range(count):
        planted = []
        sentences = [random.choice(PLAIN)]
        for kind in dict.fromkeys((kinds[index % len(kinds)], *random.sample(kinds, 2))):
            sentence, make = KINDS[kind]
            value = make()
            planted.append({"kind": kind, "value": value})
            sentences.append(sentence.format(value))
        random.shuffle(sentences)
        yield {"id": f"r{index:06}", "text": " ".join(sentences), "planted": planted}


if __name__ == "__main__":
    for record in records(int(sys.argv[1]) if len(sys.argv) > 1 else 108):
        print(json.dumps(record))
