"""The stages of a // twin: when its generator steps, and what trains before it."""

from __future__ import annotations

from dataclasses import replace

from edgan.errors import UsageError
from edgan.methods.generator_training import GeneratorTraining
from edgan.routing import Phase, Plan, Stage


def stages_of_twin(
    plan: Plan, drawer: str, judges: frozenset[str], training: GeneratorTraining, generator_steps: int
) -> tuple[Stage, ...]:
    """The stages of the coupled method, extended by a generator.

    Args:
        plan: the coupled method's.
        drawer: the network that the generator is a clone of; the generator steps in its phases.
        judges: the networks that judge the output, and step with the generator where the encoder-decoder is first.
        training: `ed_first`: steps of everything but generator and judges, before these two begin; 0: all together.
            `ed_frozen`: whether the others then stop. `generator_as_decoder`: whether the generator then begins with
            the drawer's weights.
        generator_steps: steps of the generator for each step of the others. Above 1 the generator steps by itself,
            after the others, which then step in turn or, in a stage where they do so at once, at once.

    Raises:
        UsageError: several stages train the drawer, so that none of them is the encoder-decoder's.
    """
    drawing = [stage for stage in plan.stages if drawer in stage.networks]
    if training.ed_first and len(drawing) != 1:
        raise UsageError("must be 0: several stages train the encoder-decoder.", parameter="ed_first")
    stages: list[Stage] = []
    for stage in plan.stages:
        if drawer not in stage.networks:
            stages.append(stage)
            continue
        extended = _with_generator(stage, drawer, generator_steps)
        if not training.ed_first:
            stages.append(extended)
            continue
        gan = judges | {"generator"}
        first = frozenset(plan.table.networks) - gan
        alone = replace(stage, name="encoder-decoder", phases=_only(stage.phases, first), steps=training.ed_first)
        if training.ed_frozen:
            extended = replace(extended, name="GAN", phases=_only(extended.phases, gan))
        begins_as = (("generator", drawer),) if training.generator_as_decoder else ()
        stages += [alone, replace(extended, begins_as=begins_as)]
    return tuple(stages)


def _with_generator(stage: Stage, drawer: str, steps: int) -> Stage:
    """The stage with the generator in the drawer's phase, or in a phase of its own where it has another rhythm."""
    phases: list[Phase] = []
    own: Phase | None = None
    for phase in stage.phases:
        if drawer not in phase.networks:
            phases.append(phase)
        elif phase.condition is None and steps == 1:
            phases.append(replace(phase, networks=(*phase.networks, "generator")))
        else:
            # The condition compares the sides of the game, of which the encoder-decoder is no part any more.
            phases.append(replace(phase, condition=None))
            own = Phase("generate", ("generator",), every=phase.every, repeat=steps, condition=phase.condition)
    if own is None:
        return replace(stage, phases=tuple(phases))
    if stage.simultaneous and steps > 1:
        together = tuple(network for phase in phases for network in phase.networks)
        if any(phase.condition is not None or phase.every > 1 for phase in phases):
            return replace(stage, phases=(*phases, own), simultaneous=False)
        return replace(stage, phases=(Phase("together", together), own), simultaneous=False)
    return replace(stage, phases=(*phases, own))


def _only(phases: tuple[Phase, ...], networks: frozenset[str]) -> tuple[Phase, ...]:
    """The phases with these networks alone; those that have none of them are left out."""
    kept = (replace(phase, networks=tuple(n for n in phase.networks if n in networks)) for phase in phases)
    return tuple(phase for phase in kept if phase.networks)
