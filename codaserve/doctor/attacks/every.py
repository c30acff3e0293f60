"""All attacks, in the order in which they are made."""

from codaserve.doctor.attack import Attack
from codaserve.doctor.attacks import (
    compilers,
    controls,
    files,
    forging,
    kernel,
    languages,
    leaks,
    network,
    processes,
    resources,
    rewards,
    service,
    signals,
)

ATTACKS: tuple[Attack, ...] = tuple(
    attack
    for group in (
        controls,
        resources,
        processes,
        signals,
        files,
        leaks,
        network,
        service,
        kernel,
        forging,
        rewards,
        compilers,
        languages,
    )
    for attack in group.ATTACKS
)
