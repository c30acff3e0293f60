"""English words by what they say in an answer."""

_ENGLISH = (
    "yes true false none nil never always sometimes all both neither either even odd prime composite equal same"
    " empty undefined unknown impossible possible infinite finite rational irrational real positive negative blue"
    " green yellow white black brown pink purple orange gray grey silver gold left right down bottom north south"
    " east west first last circle ellipse parabola hyperbola line point plane sphere cone cube cylinder pyramid"
    " prism square rectangle rhombus trapezoid kite parallelogram triangle acute obtuse isosceles scalene"
    " equilateral segment convex concave continuous converges diverges convergent divergent linear quadratic cubic"
    " increasing decreasing constant increase decrease maximum minimum mean median mode range week month year spring"
    " summer autumn fall winter morning noon midnight evening night girl boys girls woman women train bike heads"
    " tails lose draw dne"
)
ENGLISH = frozenset(_ENGLISH.split())
"""Bare lower-case words that are no products of unknowns."""

_SPOKEN_MATHEMATICS = (
    "real reals integer integers number numbers rational rationals natural naturals complex irrational infinity"
    " infinite infinitely pi plus minus times over divided squared cubed square cube root roots power sqrt sum"
    " product difference quotient empty set zero one two three four five six seven eight nine ten eleven twelve"
    " thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty"
    " ninety hundred thousand million billion trillion dozen half halves third thirds quarter quarters fourths fifth"
    " fifths sixth sixths seventh sevenths eighth eighths ninth ninths tenth tenths negative positive percent"
    " degrees radians greater less than least most between except nonzero multiple multiples primes log sine cosine"
    " tangent factorial base choose equals all every any"
)
SPOKEN_MATHEMATICS = frozenset(_SPOKEN_MATHEMATICS.split())
"""Words for what mathematics has signs for: a phrase with one of them may equal a formula."""

_SAYING = (
    "is are was were be been being has have had does did because since therefore thus hence so that this these"
    " those it its there we you they he she them his her their can cannot could will would should must may might get"
    " gets got means shows implies concludes find found compute computed assuming assume suppose"
    " answer correct wrong"
)
SAYING = frozenset(_SAYING.split())
"""Words of sentences: an answer that has one of them tells a story."""

_QUALIFYING = "where for when if with any every"
QUALIFYING = frozenset(_QUALIFYING.split())
"""Words that open a condition, which belongs to an answer: `f(x) = cx, where c is an integer`."""

_NEGATING = "not no never neither nor cannot can't isn't doesn't don't without false wrong incorrect"
NEGATING = frozenset(_NEGATING.split())
"""Words that turn a sentence around."""

DOUBTING = frozenset({"wait", "actually", "maybe", "perhaps", "possibly", "probably", "sorry", "correction", "guess"})
"""Words that take back what was said before."""
