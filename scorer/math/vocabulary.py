"""English words after numbers: units, counted things, magnitudes, and words that are never part of a unit."""

from scorer.math.si import SYMBOLS

_UNITS = {
    "mm": "mm millimeter millimetre",
    "cm": "cm centimeter centimetre",
    "m": "m meter metre",
    "km": "km kilometer kilometre",
    "in": "in inch inches",
    "ft": "ft foot feet",
    "yd": "yd yard",
    "mi": "mi mile",
    "mg": "mg milligram",
    "g": "g gram gm",
    "kg": "kg kilogram kilo",
    "lb": "lb lbs pound",
    "oz": "oz ounce",
    "ton": "ton tonne",
    "l": "l liter litre",
    "ml": "ml milliliter millilitre",
    "gallon": "gal gallon",
    "quart": "qt quart",
    "pint": "pt pint",
    "cup": "cup",
    "acre": "acre",
    "hectare": "hectare",
    "ms": "ms millisecond",
    "s": "s sec second",
    "min": "min mins minute",
    "h": "h hr hour",
    "d": "d day",
    "week": "wk week",
    "month": "month",
    "year": "yr year",
    "decade": "decade",
    "century": "century centuries",
    "am": "am",
    "pm": "pm",
    "dollar": "dollar usd buck",
    "cent": "cent",
    "euro": "euro eur",
    "pence": "pence penny pennies",
    "rupee": "rupee inr",
    "yen": "yen yuan peso pesos",
    "degree": "degree deg",
    "radian": "rad radian",
    "celsius": "celsius",
    "fahrenheit": "fahrenheit",
    "kelvin": "kelvin",
    "mi/h": "mph",
    "km/h": "kph kmh",
    "hz": "hz hertz",
    "amp": "amp ampere",
    "mol": "mol mole",
    "bit": "bit",
    "byte": "byte",
    "point": "point pt pts",
    "unit": "unit",
}
_UNITS |= {name: name for name in SYMBOLS.values() if not any(name in aliases.split() for aliases in _UNITS.values())}
CANONICAL = {alias: name for name, aliases in _UNITS.items() for alias in aliases.split()}
"""Name of each known unit by its spellings, in the singular."""

POWERS = {"square": "^2", "sq": "^2", "cubic": "^3", "cu": "^3"}
"""Words before a unit."""

POWERS_AFTER = {"squared": "^2", "cubed": "^3"}
"""Words after a known unit; without one, they are operations: "5 squared" is 25."""

_COUNTED = (
    "person people man men woman women child children student teacher boy girl friend player member worker customer"
    " fish sheep deer mice geese dog cat bird chicken cow horse pig animal tree flower plant"
    " apple orange banana pear egg cookie cake pie pizza slice sandwich candy candies meal bottle glass glasses"
    " book page pencil pen marble toy ball card coin stamp sticker ticket box boxes bag basket car bus buses bike"
    " boat house room chair table door window shirt dress dresses shoe sock hat bracelet necklace"
    " way solution integer digit term edge side vertex vertices face diagonal triangle rectangle"
    " circle element subset pair game trip lap step class classes problem piece item"
    " money cash bread rice flour sugar milk water juice paper wood weight"
)
COUNTED = frozenset(_COUNTED.split())
"""Things that are counted, as far as they are common or have no plural in -s."""

MAGNITUDES = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
"""Words that multiply the number before them."""

_TAIL = "of per a an the each every in for on at from with left remaining total altogether old long tall"
TAIL = frozenset(_TAIL.split())
"""Words after which a phrase about things goes on: what stands before them is what is counted."""

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety score gross googol"
    " couple single double triple quadruple twice thrice once twofold threefold"
)
_FRACTIONS = (
    "half halve halves third fourth quarter fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth"
    " seventieth eightieth ninetieth hundredth thousandth millionth billionth trillionth percent percentage permille"
    " fraction ratio"
)
_OPERATORS = (
    "plus minus times divided divide divides multiplied multiply multiplies multiple added add adds subtracted subtract"
    " subtracts sum difference product quotient over by mod modulo modulus choose permute factorial root radical base"
    " power powers exponent exponents squared cubed square cube inverse reciprocal negative negated negation"
    " opposite complement conjugate absolute raised to into equal equals exceed exceeds become becomes mean means"
    " make makes give gives remainder log ln exp sqrt sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh det"
    " gcd lcm max inf sup abs floor ceil ceiling round rounded limit infinity infinite tens reduced increased"
    " decreased pi theta alpha beta gamma delta lambda phi omega sigma tau"
)
_LOGIC = (
    "or and not nor but xor if iff unless except without versus vs than then else otherwise instead rather"
    " alternatively either neither both maybe perhaps possibly probably likely approximately approx about around almost"
    " nearly roughly circa through until up down below above under beyond beneath past before after ago between within"
    " more less fewer greater smaller larger bigger lower higher least most no none never nothing any some"
    " wrong incorrect false untrue invalid error right correct true yes is are was were be been isn't aren't"
    " can't cannot don't doesn't does do did could might may should would must off short missing lacking excluding"
    " including unknown undefined guess guesses alias respectively etc ie eg also as like"
)
REFUSED = (frozenset(f"{_NUMBERS} {_FRACTIONS} {_OPERATORS} {_LOGIC}".split()) | MAGNITUDES.keys()) - POWERS.keys()
"""Words that change the value before them, or take it back: no phrase that has one is a unit."""
