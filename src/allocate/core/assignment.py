"""The assignment engine: prices, a bound, a plan, and both improved until they meet.

It reads what it knows of a program's structure (``structure.py``), prices what is scarce
(``bound.py``, ``sifting.py``), starts from the plan that the prices suggest and searches on
(``field.py``, ``search.py``). What is left between plan and bound rules most options out; the rest
goes to HiGHS. Programs of several levels it searches by branch and price
(``pattern_branching.py``). A program whose structure it does not know it declines. Loaded only
inside a worker.
"""

from __future__ import annotations

import time
from dataclasses import replace
from math import inf

import numpy as np

from allocate.core import highs
from allocate.core.bound import Prices, Relaxation, anneal, climb, coldest
from allocate.core.decomposition import Decomposed
from allocate.core.engine import HIGHS
from allocate.core.field import Agents, build_field, find_agents, regrets
from allocate.core.knapsacks import find_knapsacks, settle
from allocate.core.level import whole_bound
from allocate.core.local_prices import LocalPrices
from allocate.core.outcome import (
    ASKED,
    CLOCK,
    CLOSED,
    DECLINED,
    IMPOSSIBLE,
    WORKED,
    Answer,
    Problem,
    Proof,
    Report,
    Stopped,
)
from allocate.core.pattern_branching import PatternTree
from allocate.core.program import FREE, Flat
from allocate.core.proof import prove
from allocate.core.search import Field
from allocate.core.sifting import Sifted, sift
from allocate.core.structure import Structure, best_of, read
from allocate.core.switch_proof import prove_switched
from allocate.core.switches import Settling, Switched, find_switches, fix
from allocate.units import Floats, Ints

FLOAT = 1e-9  # relative: what HiGHS says of a bound is no surer than this
OURS = "allocate"
STEPS = 100  # of the climb, before the linear program
# Columns of a program of several levels up to which it is searched by branch and price, or left to
# a general solver; and options up to which it is so beyond that, where alternatives are to be
# chosen: of 23,729 the other search left 669 points short where 4 are proven least.
MOST_COLUMNS = 20_000
MOST_OPTIONS = 30_000
SMALL = 5_000  # options of a program that HiGHS sees to the end
LARGEST_LP = 400_000  # options: beyond that prices are climbed to alone
LP_SHARE = 0.5  # of the time
SWEEPS = 4  # of a program in parts, at most; groups that no sweep reached stay as they are
SWEEP_SHARE = 0.25  # of the time, after which no other sweep begins
SWEPT = 2e-4  # relative: a sweep that raises the bound by less is the last
SWITCH_SHARE = 0.35  # of the time, to settle switches
FIRST_SHARE = 0.1  # of the time then left, for a first plan
PROOF_SHARE = 0.3  # of what is left at the end, for prices that prove a part of the bound
INNER_SHARE = 0.6  # of the time then left, for all else
NEAR = (3.0, 8.0, 20.0)  # options a group, on average, that searches of parts look at, in turn
ROUNDS = 6  # of teams between two looks at the clock
TEAMED = 4  # of so many runs one has teams; others follow the linear program
LIMITED = 2  # the same where rows that are no agent's limit what can be made anew
DESCENTS = 6  # runs at first without teams
MOMENT = 11  # runs of a search that branch and price asks for
PACKED = 12  # runs after which the plan is near enough to see which alternatives are too dear
PACKED_AGAIN = 4  # times as many: once more from the prices then
PACK_SHARE = 0.4  # of the time then left, for the bound of knapsacks
RESUME_SHARE = 0.1  # the same at prices of groups that are known from before
IDLE = 60  # of these without a better plan: the rest of the time is better used otherwise
PATIENT = 600  # the same where a general solver would hardly see to the end what is left


def solve(problem: Problem, report: Report, stopped: Stopped) -> Answer:
    """Minimise with our own engine; what is not of its kind it declines.

    Parameters
    ----------
    problem
        What to solve.
    report
        Called with each better plan and bound.
    stopped
        Asked again and again.
    """
    structure = read(problem.flat)
    agents = None if structure is None else find_agents(structure)
    if structure is None or agents is None:
        return Answer(None, -inf, DECLINED)
    switched = find_switches(structure)
    if not len(switched.switch) and not fits(structure):
        return Answer(None, -inf, DECLINED)
    if problem.ordered:
        began = time.monotonic()
        few = len(problem.cost) <= MOST_COLUMNS
        known = not len(switched.switch) and (few or _chooses(structure))
        answer = _branched(problem, structure, agents, report, stopped) if known else None
        if answer is not None:
            return replace(answer, by=OURS)
        if few:
            return Answer(None, -inf, DECLINED)
        problem = replace(problem, seconds=problem.seconds - (time.monotonic() - began))
    if len(switched.switch):
        return _solve_switched(problem, structure, agents, switched, report, stopped)
    return _Run(problem, structure, agents, report, stopped).solve()


def _branched(
    problem: Problem, structure: Structure, agents: Agents, report: Report, stopped: Stopped
) -> Answer | None:
    """Branch and price, with a search of a moment for plans."""

    def search(begun: Problem) -> Ints | None:
        short = replace(begun, work=MOMENT)
        return _Run(short, structure, agents, lambda *_: None, stopped).solve().values

    return PatternTree(problem, structure, agents, report, stopped, search).solve()


def _solve_switched(
    problem: Problem,
    structure: Structure,
    agents: Agents,
    switched: Switched,
    report: Report,
    stopped: Stopped,
) -> Answer:
    """Settle switches first, then all else; time that is left goes to the bound on switches."""
    ends = time.monotonic() + problem.seconds
    settled = Settling(
        problem,
        structure,
        agents,
        switched,
        ends=ends,
        report=lambda bound: report(None, None, bound),
        stopped=stopped,
    )
    run = None
    if settled.relax():
        lightest = agents.unit * int(agents.weight[agents.weight > 0].min(initial=FREE))
        for spare in (0, lightest):
            run = (
                _settled(problem, structure, switched, settled, spare, ends, report, stopped) or run
            )
            if run is not None and run.plan is not None:
                break
    if run is None:
        left = max(0.1, ends - time.monotonic())
        answer = highs.solve(replace(problem, seconds=left), report, stopped)
        return replace(answer, bound=max(answer.bound, settled.bound), by=HIGHS)
    left = ends - time.monotonic()
    proof = None
    if left > 0 and not stopped():
        price = settled.prices(time.monotonic() + PROOF_SHARE * left)
        if price is not None:
            proof = prove_switched(structure, problem, np.unique(switched.switch), price)
        left = max(0.1, ends - time.monotonic())
        # Small programs are seen to the end; of large ones only the bound can still be bettered.
        if len(structure.option) > SMALL:
            settled.close(ends, problem.gap)
        else:
            answer = highs.solve(replace(problem, seconds=left, start=run.plan), report, stopped)
            if answer.values is not None:
                bound = max(settled.bound, answer.bound)
                return replace(answer, bound=bound, by=OURS, proof=proof)
            if answer.why == IMPOSSIBLE and run.plan is None:
                return Answer(None, inf, IMPOSSIBLE, by=OURS)
    bound = settled.bound
    closed = run.plan is not None and run.value - bound <= problem.gap * max(1.0, run.value)
    why = CLOSED if closed else ASKED if stopped() else CLOCK
    return Answer(run.plan, bound, why, by=OURS, proof=proof)


def _settled(
    problem: Problem,
    structure: Structure,
    switched: Switched,
    settled: Settling,
    spare: int,
    ends: float,
    report: Report,
    stopped: Stopped,
) -> _Run | None:
    """Settle switches, then all else; None where there are none, or what is left is not known.

    The first whole switches are searched only for a first plan. A search that finds none in half
    its time ends there: other switches are the better hope.
    """
    runs: list[_Run] = []

    def told(plan: Ints | None, value: float | None, _: float | None) -> None:
        report(plan, value, settled.bound)

    def search(values: Ints, share: float, *, first: bool) -> None:
        inner = fix(problem, structure, switched, values)
        found = read(inner.flat)
        agents = None if found is None else find_agents(found)
        if found is None or agents is None:
            return
        began = time.monotonic()
        left = max(0.1, (ends - began) * share)

        def hopeless() -> bool:
            late = time.monotonic() > began + left / 2
            return stopped() or (first if run.plan is not None else late and not first)

        run = _Run(replace(inner, seconds=left), found, agents, told, hopeless)
        run.solve()
        runs.append(run)

    until = time.monotonic() + SWITCH_SHARE * (ends - time.monotonic())
    values = settled.dive(
        until, spare, lambda whole: None if runs else search(whole, FIRST_SHARE, first=True)
    )
    if values is None:
        return None
    search(values, INNER_SHARE, first=False)
    run = min(runs, key=lambda one: one.value, default=None)
    if run is not None and problem.start is not None:
        known = int(problem.cost @ problem.start)
        if known < run.value:
            run.plan, run.value = problem.start, known
    return run


def _chooses(structure: Structure) -> bool:
    """Whether alternatives, such as who leads, are to be chosen, and options are not too many."""
    open_ = len(structure.alternative) > len(structure.target)
    return open_ and len(structure.option) <= MOST_OPTIONS


def fits(structure: Structure) -> bool:
    """Whether the rows that the engine does not know are few enough to be seen to at the end."""
    flat = structure.flat
    rest = np.unique(flat.matrix[structure.rest].indices)
    held = np.unique(structure.group[np.isin(structure.option, rest)])
    return 10 * len(held) <= len(structure.start) - 1


class _Run:
    """One problem on its way: the best plan, what is proven, and the prices that prove it."""

    def __init__(
        self,
        problem: Problem,
        structure: Structure,
        agents: Agents,
        report: Report,
        stopped: Stopped,
    ) -> None:
        self.problem, self.structure, self.agents = problem, structure, agents
        self.report, self.stopped = report, stopped
        self.relaxation = Relaxation(structure, problem.cost, problem.threads)
        self.ends = time.monotonic() + problem.seconds
        self.plan: Ints | None = None
        self.value: float = inf
        self.bound: float = 0
        self.proof: Proof | None = None
        if problem.start is not None:
            self.keep(problem.start)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.ends - time.monotonic()

    def done(self) -> bool:
        """Whether to stop: plan and bound are near enough, or time is up, or somebody asks."""
        enough = self.problem.target is not None and self.value <= self.problem.target
        return enough or self.closed() or self.left <= 0 or self.stopped()

    def closed(self) -> bool:
        """Whether the gap is closed."""
        apart = self.value - self.bound
        least = max(self.problem.gap, FLOAT) * max(1.0, self.value)
        return self.plan is not None and apart <= max(least, 0.5)

    def solve(self) -> Answer:
        """Prices, search, and what is left."""
        sifted = self._price()
        if self.proof is not None and self.proof.bound >= 1 << 60:
            return replace(highs.solve(self.problem, self.report, self.stopped), by=HIGHS)
        if not self.done():
            self._search(sifted)
        most = self.problem.work
        if not self.done() and most is None and len(self.structure.option) <= LARGEST_LP:
            self._finish(sifted)
        why = CLOSED if self.closed() else ASKED if self.stopped() else CLOCK
        if why == CLOCK and self.problem.work is not None and self.left > 0:
            why = WORKED
        if self.plan is None and self.bound == inf:
            return Answer(None, inf, IMPOSSIBLE, by=OURS)
        return Answer(self.plan, self.bound, why, by=OURS, proof=self.proof)

    def _price(self) -> Sifted:
        """Find prices, and what they prove."""
        until = time.monotonic() + (1.0 if self.problem.work else LP_SHARE) * self.left
        small = len(self.structure.option) <= LARGEST_LP
        first = self._guessed()
        prices, relaxed = climb(
            self.relaxation,
            first or anneal(self.relaxation, until=until, stop=self.stopped),
            steps=0 if first and small else STEPS,
            known=self.value,
            until=until,
            reach=0.002,
            stop=self.stopped,
        )
        self._prove(prices)
        sifted = Sifted(prices, relaxed, None, relaxed.led)
        # Whoever stops the engine soon is not left without a plan.
        if self.plan is None and self._has_plan():
            field, led = self._remembered(sifted, *self._drawn(sifted))
            field.relieve()
            self.keep(self.structure.values(field.choice, led))
        if self.plan is None:
            field, led = self._as_is(sifted)
            self.keep(self.structure.values(field.choice, led))
        if not self.done():
            until = time.monotonic() + (1.0 if self.problem.work else LP_SHARE) * self.left
            sifted = (self._sift if small else self._sift_parts)(prices, until)
            self._prove(sifted.prices)
        return sifted

    def _sift(self, prices: Prices, until: float) -> Sifted:
        """Find exact prices."""
        return sift(self.relaxation, prices, self.problem, until=until, stop=self.stopped)

    def _sift_parts(self, prices: Prices, until: float) -> Sifted:
        """Find prices part by part, until that is worth no more."""
        plan = self.plan
        choice = self.relaxation.relax(prices).choice if plan is None else self._chosen(plan)
        local = LocalPrices(self.relaxation, self.agents, self.problem, prices, choice)
        enough = time.monotonic() + (1.0 if self.problem.work else SWEEP_SHARE) * self.left
        for turn in range(SWEEPS):
            gained = local.sweep(self.problem.seed + turn, until=until, stop=self.stopped)
            if gained < SWEPT or time.monotonic() > enough:
                break
        return local.sifted

    def _guessed(self) -> Prices | None:
        """Prices of an earlier answer, where they prove more than none at all."""
        r, guess = self.relaxation, self.problem.guess
        if guess is None:
            return None
        prices = Prices(guess.row[self.structure.resource], guess.column[r.growers])
        none = r.relax(r.nothing())
        return prices if r.relax(prices).bound > none.bound else None

    def _has_plan(self) -> bool:
        """Whether an earlier answer has a plan to begin with."""
        return self.problem.guess is not None and len(self.problem.guess.chosen) > 0

    def _prove(self, prices: Prices) -> None:
        """Count what prices prove, and keep the better proof."""
        proof = prove(self.relaxation, prices, self.relaxation.relax(prices))
        if proof.bound > self.bound or self.proof is None:
            self.bound, self.proof = max(0, proof.bound), proof
            self.report(None, None, float(self.bound))

    def _pack(self, share: float) -> None:
        """Let agents pack for themselves at prices of groups, and keep the better proof.

        Parameters
        ----------
        share
            Of the time left that this may take.
        """
        if self.proof is None or self.plan is None or self.done():
            return
        knapsacks = find_knapsacks(self.relaxation, self.agents, self.proof, int(self.value))
        if knapsacks is None:
            return

        def better(proof: Proof) -> None:
            if proof.bound > self.bound:
                self.bound, self.proof = proof.bound, proof
                self.report(None, None, float(self.bound))

        until = time.monotonic() + (1.0 if self.problem.work else share) * self.left
        paid = self._paid()
        better(settle(knapsacks, paid, until=until, stop=self.stopped, report=better))

    def _paid(self) -> Floats | None:
        """What groups pay in the best proof, else in an earlier answer, in steps, (G,), or None."""
        guess, proof = self.problem.guess, self.proof
        if proof is not None and len(proof.group):
            return proof.group_price / proof.scale
        paid = None if guess is None else guess.row[self.structure.group_row]
        return None if paid is None or not paid.any() else paid

    def keep(self, values: Ints) -> bool:
        """Keep a plan that is better and keeps every row."""
        value = int(self.problem.cost @ values)
        if value >= self.value or not self.problem.flat.holds(values):
            return False
        self.plan, self.value = values, value
        self.report(values, float(value), float(self.bound))
        return True

    def _search(self, sifted: Sifted) -> None:
        """Search from the plan at hand, or from what the prices suggest."""
        field, led = self._better_field(sifted) if self._has_plan() else self._field(sifted)
        if self._paid() is not None:
            self._pack(RESUME_SHARE)
        idle, turn, packing = 0, 0, PACKED
        threads = self.problem.threads
        suggested = self._suggestion(sifted, led)

        def over() -> bool:
            return self.left <= 0 or self.stopped()

        searches = [Decomposed(field, field.near(NEAR[0]), threads, suggested, over)]
        if searches[0].parts:
            searches += [
                Decomposed(field, field.near(each), threads, suggested, over) for each in NEAR[1:]
            ]
        limited = len(self.structure.resource) > len(self.agents.resource)
        teamed = LIMITED if limited else TEAMED
        most = self.problem.work
        patience = IDLE if len(self.structure.option) <= SMALL else PATIENT
        while idle < patience and (most is None or turn < most) and not self.done():
            # Rows on the side that are broken nobody mends but teams.
            broken = turn > 0 and self.plan is None
            gained = searches[turn % len(searches)].run(
                ROUNDS if broken or turn >= DESCENTS else 0,
                self.problem.seed + 7919 * turn,
                anew=suggested is not None and turn % teamed > 0 and not broken,
            )
            # Where nothing keeps every row, prices are so large that gains are but rounding.
            idle = 0 if gained > max(0.5, FLOAT * field.value) else idle + 1
            turn += 1
            if gained > 0 or turn == 1:
                self._keep_mended(field, led)
            if turn == DESCENTS:
                self._mend(field)
            if turn == packing:
                self._pack(PACK_SHARE if turn == PACKED else RESUME_SHARE)
                packing *= PACKED_AGAIN

    def _chosen(self, plan: Ints) -> Ints:
        """Option of each group in a plan, (G,)."""
        return np.flatnonzero(plan[self.structure.option] == 1)

    def _mend(self, field: Field) -> None:
        """See to agents that are overfull, by the best plan known."""
        if np.any(field.room < 0):
            if self.plan is None:
                field.relieve()
            else:
                field.mend(self._chosen(self.plan))

    def _keep_mended(self, field: Field, led: Ints) -> None:
        """Keep the plan of a field, in which nobody is overfull then; the field stays as it is."""
        before = field.choice.copy()
        self._mend(field)
        self.keep(self.structure.values(field.choice, led))
        if not np.array_equal(before, field.choice):
            field.choose(before)

    def _better_field(self, sifted: Sifted) -> tuple[Field, Ints]:
        """Descend from an earlier plan, then from what the prices suggest; return what is better.

        An earlier plan is mostly the better one; but much may have changed since.
        """
        drawn = self._suggested(sifted)
        earlier = self._remembered(sifted, *drawn)
        for field, led in (earlier, drawn):
            if self.done():
                return earlier
            near = field.near(NEAR[0])
            Decomposed(field, near, self.problem.threads).run(0, self.problem.seed)
            self.keep(self.structure.values(field.choice, led))
        return min(earlier, drawn, key=lambda found: found[0].value)

    def _remembered(self, sifted: Sifted, field: Field, led: Ints) -> tuple[Field, Ints]:
        """Build the field of an earlier plan; another stands where it says nothing."""
        guess = self.problem.guess
        assert guess is not None
        choice, led = guess.lay_over(self.structure, field.choice, led)
        return self._built(sifted, led, choice, kept=False), led

    def _field(self, sifted: Sifted) -> tuple[Field, Ints]:
        """Build the field to search, and the alternatives that lead in it."""
        s = self.structure
        start = self.problem.start
        if start is not None:
            choice = np.flatnonzero(start[s.option] == 1)
            lead = np.flatnonzero(start[s.alternative] == 1)
            if len(choice) == len(s.start) - 1 and len(lead) == len(s.target):
                return self._built(sifted, lead, choice, kept=True), lead
        return self._suggested(sifted)

    def _suggested(self, sifted: Sifted) -> tuple[Field, Ints]:
        """Build the field of the plan that the prices suggest."""
        choice = self._suggestion(sifted, sifted.led)
        if choice is None:
            return self._drawn(sifted)
        return self._built(sifted, sifted.led, choice, kept=False), sifted.led

    def _suggestion(self, sifted: Sifted, led: Ints) -> Ints | None:
        """The options that the linear program has most of, where one was solved."""
        if sifted.share is None:
            return None
        regret = regrets(self.relaxation, sifted.prices, sifted.relaxed, led)
        return best_of(self.structure.start, sifted.share - 1e-9 * regret)

    def _drawn(self, sifted: Sifted) -> tuple[Field, Ints]:
        """Draw options as the coldest soft choice has them, and see to room."""
        regret = regrets(self.relaxation, sifted.prices, sifted.relaxed, sifted.led)
        drawn = np.random.default_rng(self.problem.seed).gumbel(size=len(regret))
        choice = best_of(self.structure.start, drawn - regret / coldest(self.relaxation))
        field = self._built(sifted, sifted.led, choice, kept=False)
        field.fill()
        return field, sifted.led

    def _as_is(self, sifted: Sifted) -> tuple[Field, Ints]:
        """Leave things as they are, and draw options for what has no agent."""
        s = self.structure
        field, led = self._drawn(sifted)
        present = np.isin(s.option, s.flat.present) & (self.agents.agent < len(field.price) - 1)
        stays = np.flatnonzero(np.logical_or.reduceat(present, s.start[:-1]))
        choice = field.choice.copy()
        choice[stays] = best_of(s.start, present.astype(float))[stays]
        field.choose(choice)
        field.frozen[stays] = True
        field.fill()
        field.relieve()
        return field, led

    def _built(self, sifted: Sifted, led: Ints, choice: Ints, *, kept: bool) -> Field:
        return build_field(
            self.relaxation, self.agents, sifted.prices, sifted.relaxed, led, choice, kept
        )

    def _finish(self, sifted: Sifted) -> None:
        """Let HiGHS look at what the bound has not ruled out."""
        near = replace(self.problem, flat=self._open(sifted), start=self.plan, seconds=self.left)
        floor = self.bound

        def report(values: Ints | None, value: float | None, bound: float | None) -> None:
            proven = None if bound is None else min(max(bound, floor), self.value)
            self.report(values, value, proven)

        answer = highs.solve(near, report, self.stopped)
        before = self.value
        if answer.values is not None:
            self.keep(answer.values)
        if answer.why == IMPOSSIBLE:
            self.bound = before  # what was ruled out is no better than the plan at hand
        else:
            self.bound = max(self.bound, min(before, whole_bound(answer.bound)))

    def _open(self, sifted: Sifted) -> Flat:
        """The rows with options closed that no better plan has (Posta et al. 2012)."""
        s, flat = self.structure, self.problem.flat
        if self.plan is None:
            return flat
        relaxed = sifted.relaxed
        spare = self.value - relaxed.bound
        regret = regrets(self.relaxation, sifted.prices, relaxed, np.zeros(0, dtype=np.int64))
        upper = flat.upper.copy()
        worst = relaxed.value[relaxed.led[s.block]] + spare + 1.0
        upper[s.alternative[relaxed.value > worst]] = 0
        credited = np.zeros(len(s.option), dtype=bool)
        credited[s.credit_option] = True
        upper[s.option[(regret > spare + 1.0) & ~credited]] = 0
        lower = np.minimum(flat.lower, upper)
        upper = np.maximum(upper, np.where(self.plan > 0, flat.upper, 0))
        return replace(flat, lower=np.maximum(lower, flat.lower), upper=upper)
