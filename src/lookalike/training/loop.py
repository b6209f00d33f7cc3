"""The training loop: seeded, resumable, one process, any number of interruptions."""

from __future__ import annotations

import copy
import logging
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from lookalike.encoders.text.hashing import PADDING, batch_ids
from lookalike.training.augment import HOME, STUDIO, Strength, shoot
from lookalike.training.dataset import Library
from lookalike.training.losses import SCALE, Heads, Pupil, attract, resemble
from lookalike.training.towers import (
    BLOCKS,
    DETAIL,
    DIM,
    MIDDLE,
    SPREAD,
    Anchors,
    Block,
    ImageTower,
    TextTower,
    join_image,
    join_text,
    settle,
)

log = logging.getLogger(__name__)

_CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run."""

    steps: int = 5400
    seed: int = 0
    widths: tuple[int, ...] = (32, 64, 128, 256, 384)
    depths: tuple[int, ...] = (1, 2, 2, 1)
    sizes: tuple[tuple[float, int], ...] = ((0.5, 96), (0.85, 112), (1.0, 128))
    studio: int = 64
    home: int = 40
    objects: int = 16
    bent: Strength = STUDIO
    rate: float = 2e-3
    decay: float = 0.05
    average: float = 0.998
    halves: bool = True

    def size(self, step: int) -> int:
        """Return the side of the pictures at a step."""
        done = step / self.steps
        return next((size for until, size in self.sizes if done < until), self.sizes[-1][1])

    def rate_at(self, step: int) -> float:
        """Return the learning rate at a step: a short rise, then half a cosine down to nothing."""
        rise = max(1, min(400, self.steps // 10))
        if step < rise:
            return self.rate * (step + 1) / rise
        done = (step - rise) / max(1, self.steps - rise)
        return self.rate * (0.005 + 0.995 * (1 + math.cos(math.pi * min(1.0, done))) / 2)


class Towers(nn.Module):
    """Both towers with the heads that only training needs."""

    def __init__(
        self, plan: Plan, library: Library, image: ImageTower | None, text: TextTower | None
    ) -> None:
        super().__init__()
        self.image = image or ImageTower(plan.widths, plan.depths)
        self.text = text or TextTower()
        self.heads = Heads(library.tasks)
        taught = 1 if library.taught is None else library.taught.shape[-1]
        self.pupil = Pupil(self.image.width, taught, len(library.object_names))
        self.sharpness = nn.Parameter(torch.tensor(math.log(14.0)))


class Trainer:
    """A run of training with its memory of every picture's last vector."""

    def __init__(
        self,
        plan: Plan,
        library: Library,
        folder: Path,
        image: ImageTower | None = None,
        text: TextTower | None = None,
    ) -> None:
        """Start from nothing, or from towers whose normalisation is settled and stays as it is."""
        torch.manual_seed(plan.seed)
        self.plan, self.library, self.folder = plan, library, folder
        self._settled = image is not None
        self.towers = Towers(plan, library, image, text)
        self.towers.image.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.steady = copy.deepcopy(self.towers).requires_grad_(False)
        self.memory = functional.normalize(torch.randn(len(library.pixels), DIM), dim=1)
        gentle = [
            p
            for n, p in self.towers.named_parameters()
            if p.ndim < 2 or n.startswith(("heads", "text.table"))
        ]
        chosen = {id(p) for p in gentle}
        firm = [p for p in self.towers.parameters() if id(p) not in chosen]
        self.optimizer = torch.optim.AdamW(
            [{"params": firm, "weight_decay": plan.decay}, {"params": gentle, "weight_decay": 0.0}],
            lr=plan.rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.step = 0
        self._hurried = 0

    @property
    def checkpoint(self) -> Path:
        """Where the run keeps its state."""
        return self.folder / _CHECKPOINT

    def save(self) -> None:
        """Write the whole state so that an interruption at any moment leaves the last good one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        state = {
            "plan": asdict(self.plan),
            "library": self.library.identity,
            "step": self.step,
            "towers": self.towers.state_dict(),
            "steady": self.steady.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory,
        }
        try:
            torch.save(state, partial)
            partial.replace(self.checkpoint)
        except RuntimeError as error:
            # torch says so of its own when the disk is full.
            raise OSError(str(error).splitlines()[0]) from error

    def resume(self, *, as_planned: bool = False) -> bool:
        """Continue from the last state, if there is one of the same data; as_planned keeps its steps."""
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, weights_only=True)
        if state.get("library", self.library.identity) != self.library.identity:
            log.warning("The data is not what the run began with: starting again.")
            return False
        if as_planned:
            self.plan = replace(self.plan, steps=state["plan"]["steps"])
        self.towers.load_state_dict(state["towers"])
        self.steady.load_state_dict(state["steady"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory = state["memory"]
        self.step = state["step"]
        return True

    def begin_from(self, folder: Path) -> None:
        """Start from the averaged weights that another run of the same data ended with."""
        state = torch.load(folder / _CHECKPOINT, weights_only=True)
        self.towers.load_state_dict(state["steady"])
        self.steady.load_state_dict(state["steady"])
        self.memory = state["memory"]

    def pace(self, until: float, trial: int = 5) -> None:
        """Plan fewer steps where this machine would not be done in time."""
        if self.step:
            return
        started = time.monotonic()
        for _ in range(min(trial, self.plan.steps)):
            self.learn()
            self.step += 1
        each = (time.monotonic() - started) / self.step
        affordable = int((until - time.monotonic()) / each * 0.85)
        self.plan = replace(self.plan, steps=max(self.step, min(self.plan.steps, affordable)))

    def run(
        self,
        every: int,
        look: Callable[[Trainer], None],
        save_every: int = 50,
        until: float = math.inf,
        stop: threading.Event | None = None,
    ) -> None:
        """Train to the last step or moment, saving often and looking at the figures now and then."""
        started, begun, total = time.monotonic(), self.step, 0.0
        weight = 0.0
        while self.step < self.plan.steps and time.monotonic() < until:
            if stop is not None and stop.is_set():
                self.save()
                return
            # Where the clock will end the run before the last step, the rate must still come down in time.
            spent = (time.monotonic() - started) / (until - started)
            self._hurried = int(spent * self.plan.steps)
            total, weight = 0.98 * total + 0.02 * self.learn(), 0.98 * weight + 0.02
            self.step += 1
            if self.step % 50 == 0:
                pace = (time.monotonic() - started) / (self.step - begun)
                log.info("step %d/%d loss %.3f %.3f s/step", self.step, self.plan.steps, total / weight, pace)
            if self.step % save_every == 0 or self.step == self.plan.steps:
                self.save()
            if self.step % every == 0 or self.step == self.plan.steps:
                look(self)

    def learn(self) -> float:
        """Take one step and return its loss."""
        plan, towers = self.plan, self.towers
        # Each step has its own dice, so that a resumed run draws what an unbroken one would.
        torch.manual_seed(plan.seed * 1_000_003 + self.step)
        dice = random.Random(plan.seed * 1_000_003 + self.step)
        towers.train()
        if self._settled:
            settle(towers.image)
        for group in self.optimizer.param_groups:
            group["lr"] = plan.rate_at(max(self.step, self._hurried))
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._loss(dice)
        loss.backward()
        nn.utils.clip_grad_norm_(towers.parameters(), 3.0)
        self.optimizer.step()
        self._average()
        return float(loss.detach())

    def _loss(self, dice: random.Random) -> torch.Tensor:
        plan, library, towers = self.plan, self.library, self.towers
        rows, images, masks = self._photographs(plan.size(self.step))
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.halves):
            features = towers.image.trunk(_channels_last(images))
        raw, pooled, logits = towers.image.read(features.float())
        shown = int(library.is_studio[rows].sum())
        garments = ~library.is_object[rows]
        loss = towers.heads(raw[garments], library.allowed_of(rows[garments]))
        if library.taught is not None:
            taught = library.taught[rows, self.views]
            loss = loss + towers.pupil(pooled, taught)
            # What no label names, such as stripes and straps, is learned from the teacher's eye for it.
            loss = loss + resemble(raw[:, DETAIL.start : DETAIL.stop], taught)
        if (~garments).any():
            kinds = towers.pupil.objects(pooled[~garments])
            loss = loss + 0.4 * functional.cross_entropy(kinds, library.object_class[rows[~garments]])
        outlined = library.outlined[rows]
        if outlined.any():
            wanted = functional.adaptive_avg_pool2d(
                masks[outlined, None], (logits.shape[-2], logits.shape[-1])
            )[:, 0]
            loss = loss + 0.3 * functional.binary_cross_entropy_with_logits(logits[outlined], wanted)
        whole = join_image(raw)
        loss = loss + self._kinship(rows, whole)
        loss = loss + self._words(rows[:shown], whole[:shown], dice)
        with torch.no_grad():
            self.memory[rows] = whole.detach()
        return loss

    def _photographs(self, size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        library, plan = self.library, self.plan
        parts: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        views: list[torch.Tensor] = []
        drawn = (
            ("studio", plan.studio, plan.bent),
            ("home", plan.home, HOME),
            ("object", plan.objects, HOME),
        )
        for kind, count, how in drawn:
            rows = library.draw(kind, count)
            if not len(rows):
                continue
            view = torch.randint(library.views(kind), (len(rows),))
            scenery = library.draw_scenery(len(rows))
            images, masks = shoot(library.pixels[rows], library.boxes[rows, view], scenery, size, how)
            parts.append((rows, images, masks))
            views.append(view)
        self.views = torch.cat(views)
        rows, images, masks = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return rows, images, masks

    def _kinship(self, rows: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        library = self.library
        studio, home = library.is_studio[rows], library.is_home[rows]
        shelf, wardrobe = library.rows_of("studio"), library.rows_of("home")
        loss = whole.new_zeros(())
        mine = rows[studio]
        same = library.same(mine, shelf, ("type", "colour"))
        itself = mine[:, None] == shelf[None, :]
        loss = loss + 0.3 * attract(whole[studio], self.memory[shelf], same, SCALE, itself, each=True)
        if home.any():
            mine = rows[home]
            fits = library.fits(mine, shelf)
            loss = loss + 0.4 * attract(whole[home], self.memory[shelf], fits, SCALE)
            alike = library.same(mine, wardrobe, ("home",))
            own = library.group[mine][:, None] == library.group[wardrobe][None, :]
            loss = loss + 0.3 * attract(whole[home], self.memory[wardrobe], alike, SCALE, own, each=True)
        return loss

    def _words(self, rows: torch.Tensor, whole: torch.Tensor, dice: random.Random) -> torch.Tensor:
        library, towers = self.library, self.towers
        titled = rows[library.has_title[rows]]
        picked = whole[library.has_title[rows]]
        shelf = library.rows_of("studio")
        others = library.draw_titled(512)
        facet_text = library.draw_texts(192)
        phrases, asked = library.draw_phrases(96, dice)
        titles = [library.titles[i] for i in torch.cat([titled, others, facet_text]).tolist()]
        ids = torch.from_numpy(batch_ids([*titles, *phrases]))
        ids = ids.masked_fill(torch.rand(ids.shape) < 0.08, PADDING)
        raw = towers.text(ids)
        own, more, heard, said = raw.split([len(titled), len(others), len(facet_text), len(phrases)])
        loss = 0.5 * towers.heads(heard, library.allowed_of(facet_text))
        if phrases:
            loss = loss + 0.4 * towers.heads(said, library.allowed_by_phrase(asked))
            fits = library.fits_phrase(asked, shelf)
            loss = loss + 0.4 * attract(join_text(said), self.memory[shelf], fits, SCALE, each=True)
        if len(titled):
            sharpness = towers.sharpness.exp().clamp(max=40)
            mine, words = join_text(own), join_text(torch.cat([own, more]))
            candidates = torch.cat([titled, others])
            same = library.group[titled][:, None] == library.group[candidates][None, :]
            loss = loss + 0.4 * attract(picked, words, same, sharpness)
            stock = self.memory[shelf].clone()
            place = library.place_on_shelf[titled]
            stock[place] = picked
            same = library.group[titled][:, None] == library.group[shelf][None, :]
            loss = loss + 0.4 * attract(mine, stock, same, sharpness)
        return loss

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.plan.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.steady.state_dict().values(), self.towers.state_dict().values(), strict=True)
        for steady, moving in pairs:
            if steady.is_floating_point():
                steady.lerp_(moving, 1 - keep)
            else:
                steady.copy_(moving)


@torch.no_grad()
def raw_pixels(tower: ImageTower, pixels: torch.Tensor, size: int, batch: int = 64) -> torch.Tensor:
    """Return the raw vectors of square byte pictures, shrunk to a size."""
    tower.eval()
    rows: list[torch.Tensor] = []
    for part in pixels[:, :3].split(batch):
        images = part.float()
        if images.shape[-1] != size:
            images = functional.interpolate(images, size=(size, size), mode="bilinear", antialias=True)
        with torch.autocast("cpu", torch.bfloat16):
            features = tower.trunk(_channels_last(images))
        rows.append(tower.read(features.float())[0])
    return torch.cat(rows)


def encode_pixels(
    tower: ImageTower, pixels: torch.Tensor, size: int, anchors: Anchors | None = None
) -> np.ndarray:
    """Return the unit vectors of square byte pictures, shrunk to a size."""
    return join_image(raw_pixels(tower, pixels, size), anchors=anchors).numpy()


@torch.no_grad()
def encode_texts(tower: TextTower, texts: Sequence[str], blocks: Sequence[Block] = BLOCKS) -> np.ndarray:
    """Return the unit vectors of texts."""
    tower.eval()
    return join_text(tower(torch.from_numpy(batch_ids(texts))), blocks).numpy()


def _channels_last(images: torch.Tensor) -> torch.Tensor:
    scaled = (images - MIDDLE) / SPREAD
    return scaled.contiguous(memory_format=torch.channels_last)
