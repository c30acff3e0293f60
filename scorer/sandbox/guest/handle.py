"""A function or an object that another process keeps, as this process sees it.

It can be called, and its attributes read and set; lengths, items, texts and the like are asked of the object, too. To a
script, an object of the program is equal only to what is an object of the program as well and says so: one that would
be equal to everything equals no value that the script has. An object whose class derives from a built-in one compares
with values as one of that does.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from scorer.sandbox.guest import derived
from scorer.sandbox.guest.operations import ALONE, BETWEEN, BETWEEN_VALUES

Ask = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], Any]

_TOLD = ("__name__", "__qualname__")
_OTHER_NAMES = {"and_": "and", "or_": "or", "isinstance": "instancecheck"}
DECIDED = (
    *(_OTHER_NAMES.get(name, name) for name in BETWEEN if name not in ("eq", "ne", "isinstance")),
    *(f"r{_OTHER_NAMES.get(name, name)}" for name in BETWEEN_VALUES),
)
"""Special methods of two objects that are left to a class that has its own; what is equal never is."""


class Handle:
    """Stands for one object, by the number that its process gave it."""

    __slots__ = ("_ask_there", "_number_there", "_own_there", "_sample_there")

    _takes_values = False
    """Whether the other operand of an operation may be a value of this process."""

    def __init__(self, number: int, ask: Ask, sample: Any = None, own: tuple[str, ...] = ()) -> None:
        """Args:
        number: Of the object.
        ask: Has something done with it.
        sample: Of an object whose class derives from a built-in one, see `derived`.
        own: The operations that its class has of its own.
        """
        object.__setattr__(self, "_number_there", number)
        object.__setattr__(self, "_ask_there", ask)
        object.__setattr__(self, "_sample_there", sample)
        object.__setattr__(self, "_own_there", own)

    @property
    def __class__(self) -> Any:
        sample = self._sample_there
        return type(self) if sample is None else type(sample)

    @__class__.setter
    def __class__(self, kind: Any) -> None:
        raise TypeError("the class of an object of another process cannot be set")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in _TOLD:
            raise AttributeError(name)
        return self._ask_there("get", self, (name,), {})

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask_there("set", self, (name, value), {})

    def __call__(self, *positional: Any, **named: Any) -> Any:
        return self._ask_there("call", self, positional, named)

    def __next__(self) -> Any:
        items, over = self._ask_there("items", self, (1,), {})
        if over:
            raise StopIteration
        return items[0]

    def __hash__(self) -> int:
        sample = self._sample_there
        if sample is None or type(sample) in derived.CHANGEABLE:
            found: int = self._ask_there("hash", self, (), {})
            return found
        return hash(sample)  # as it is compared

    def __deepcopy__(self, memory: Any) -> Any:
        return self._ask_there("deepcopy", self, (), {})

    def __exit__(self, *raised: Any) -> Any:
        """Asks the object of a program without telling it of an exception, which is not for it to replace or to end."""
        try:
            ends = self._ask_there("exit", self, (None, None, None), {})
        except Exception:
            if self._takes_values or raised[0] is None:
                raise
            return False
        return ends if self._takes_values else False


class FreeHandle(Handle):
    """An object of a script, as the program sees it: the script's own code says what it equals."""

    __slots__ = ()

    _takes_values = True

    def __getattr__(self, name: str) -> Any:
        if name == "_is_coroutine" and self._ask_there("is_coroutine", self, (), {}):
            return sys.modules["asyncio.coroutines"]._is_coroutine  # what asyncio looks for
        return super().__getattr__(name)


def is_handle(value: Any) -> bool:
    """Whether it is a handle, whatever else it claims to be."""
    return type(value) is Handle or type(value) is FreeHandle


def number_of(value: Any) -> int:
    """The number of a handle."""
    number: int = object.__getattribute__(value, "_number_there")
    return number


def told_of(handle: Any) -> tuple[Any, tuple[str, ...]] | None:
    """Sample and operations of its own of an object whose class derives from a built-in one; None of another."""
    sample = object.__getattribute__(handle, "_sample_there")
    return None if sample is None else (sample, object.__getattribute__(handle, "_own_there"))


def _alone(name: str) -> Callable[..., Any]:
    def operation(self: Handle, *arguments: Any) -> Any:
        return self._ask_there(name, self, arguments, {})

    return operation


def _between(name: str) -> Callable[..., Any]:
    def operation(self: Handle, other: Any) -> Any:
        if not (self._takes_values or is_handle(other)):
            if name != "isinstance" and _is_plain(self, _OTHER_NAMES.get(name, name)):
                return BETWEEN[name](_content(self), other)
            return NotImplemented if name not in ("isinstance", "contains") else _refuse(name)
        if name == "isinstance":
            return self._ask_there(name, other, (self,), {})
        return self._ask_there(name, self, (other,), {})

    return operation


def _is_plain(handle: Handle, method: str) -> bool:
    """Whether the object does something as the built-in class that its own derives from."""
    return handle._sample_there is not None and method not in handle._own_there


def _content(handle: Handle) -> Any:
    """What an object holds as one of the built-in class: the same ever after, if that cannot change."""
    sample = handle._sample_there
    if type(sample) not in derived.CHANGEABLE:
        return sample
    content = handle._ask_there("content_of", handle, (), {})
    if type(content) is not type(sample):
        raise TypeError("an object of the program does not hold what its class does")
    return content


def _refuse(name: str) -> bool:
    if name == "isinstance":
        return False
    raise TypeError("an object of the program cannot be asked whether it contains a value of the script")


def _reflected(name: str) -> Callable[..., Any]:
    def operation(self: Handle, other: Any) -> Any:
        if self._takes_values:
            return self._ask_there("r" + name, self, (other,), {})
        if not _is_plain(self, "r" + _OTHER_NAMES.get(name, name)):
            return NotImplemented
        return BETWEEN[name](other, _content(self))

    return operation


for _name in ALONE:
    if _name not in ("content_of", "deepcopy", "exit", "hash", "is_coroutine"):
        setattr(Handle, f"__{_name}__", _alone(_name))
for _name in BETWEEN:
    setattr(Handle, f"__{_OTHER_NAMES.get(_name, _name)}__", _between(_name))
for _name in BETWEEN_VALUES:
    setattr(Handle, f"__r{_OTHER_NAMES.get(_name, _name)}__", _reflected(_name))


class FarIterator(Iterator[Any]):
    """An iterator that another process keeps: its items come one by one, later ones several at a time."""

    _ALONE = 64
    _MOST_AT_ONCE = 4096

    def __init__(self, number: int, ask: Ask) -> None:
        self.number = number
        self._ask_there = ask
        self._ready: list[Any] = []
        self._given = 0
        self._over = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask_there("get", self, (name,), {})  # send, throw and close of a generator

    def __next__(self) -> Any:
        if not self._ready and not self._over:
            # What was not asked for may take for ever, or change something.
            wanted = 1 if self._given < self._ALONE else min(self._given // 2, self._MOST_AT_ONCE)
            items, self._over = self._ask_there("items", self, (wanted,), {})
            self._ready = list(items)[::-1]
            self._given += wanted
        if not self._ready:
            raise StopIteration
        return self._ready.pop()
