RATES = {"EUR": 1.0, "USD": 1.1}


def convert(amount: float, currency: str) -> float:
    return amount / RATES[currency]
