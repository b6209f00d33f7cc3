"""Train the fashion branch and the words about fashion: one seeded, resumable process on a GPU or the CPU."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from lookalike.training.losses import attract
from lookalike.training.towers import (
    FASHION_BLOCKS,
    FASHION_DIM,
    PADDING,
    SHARPNESS,
    TextTower,
    join_fashion,
    join_text,
)
from research.builtin_encoder.augment import HOME, SHOP, SMALL, shoot
from research.builtin_encoder.corpus import Corpus, Texts
from research.builtin_encoder.labels import HOME_TO_TYPES, SAYABLE
from research.builtin_encoder.lite2 import Lite2
from research.builtin_encoder.losses import Heads, allowed_classes, tasks_of
from research.builtin_encoder.towers import BUCKETS, FashionBranch, Trunk

log = logging.getLogger(__name__)
_CHECKPOINT = "fashion-checkpoint.pt"
# How strongly rare classes are drawn more often: 0 is as found, 1 is all classes alike.
_BALANCE = 0.4
# Kinds of objects that a shop of clothes and accessories also sells say nothing about the gate.
_WEARABLE = frozenset({"watch", "umbrella", "headphone"})


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run."""

    steps: int = 1800
    seed: int = 0
    start: int = 4
    side: int = 224
    shop: int = 192
    small: int = 128
    home: int = 96
    other: int = 64
    rate: float = 1.2e-3
    decay: float = 0.03
    average: float = 0.995

    def rate_at(self, done: float) -> float:
        """Return the learning rate at a share of the run: a short rise, then half a cosine."""
        rise = 0.06
        if done < rise:
            return self.rate * (0.02 + 0.98 * done / rise)
        return self.rate * (
            0.005 + 0.995 * (1 + math.cos(math.pi * min(1.0, (done - rise) / (1 - rise)))) / 2
        )


class Towers(nn.Module):
    """What is trained: the branch, the words, and the classes."""

    def __init__(self, network: Lite2, plan: Plan, heads: Heads) -> None:
        super().__init__()
        self.branch = FashionBranch(network, plan.start)
        self.text = TextTower(BUCKETS, outputs=FASHION_DIM)
        self.heads = heads
        self.sharpness = nn.Parameter(torch.tensor(math.log(14.0)))


class Trainer:
    """A run of training with its memory of every photo's last vector."""

    def __init__(
        self, plan: Plan, corpus: Corpus, texts: Texts, network: Lite2, device: torch.device
    ) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.corpus, self.texts, self.device = plan, corpus, texts, device
        self.trunk = Trunk(network, plan.start).to(device)
        learned = [e for e in corpus.examples if e.split == "train"]
        self.towers = Towers(network, plan, Heads(tasks_of(learned))).to(device)
        self.steady = copy.deepcopy(self.towers).requires_grad_(False)
        self.memory = functional.normalize(
            torch.randn(len(corpus.examples), FASHION_DIM, device=device), dim=1
        )
        gentle = [
            p
            for n, p in self.towers.named_parameters()
            if p.ndim < 2 or n.startswith(("heads", "text.table"))
        ]
        chosen = {id(p) for p in gentle}
        fine = [
            p
            for n, p in self.towers.named_parameters()
            if n.startswith("branch.blocks") and id(p) not in chosen
        ]
        chosen |= {id(p) for p in fine}
        firm = [p for p in self.towers.parameters() if id(p) not in chosen]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": fine, "weight_decay": plan.decay, "factor": 0.7},
                {"params": firm, "weight_decay": plan.decay, "factor": 1.5},
                {"params": gentle, "weight_decay": 0.0, "factor": 1.5},
            ],
            lr=plan.rate,
            betas=(0.9, 0.98),
        )
        self.step = 0
        self._prepare()

    def _prepare(self) -> None:
        corpus, device = self.corpus, self.device
        examples = corpus.examples
        labels = [e.labels for e in examples]
        train = np.array([e.split == "train" for e in examples])
        source = np.array([e.source for e in examples])

        def rows(*sources: str) -> torch.Tensor:
            return torch.from_numpy(np.flatnonzero(train & np.isin(source, sources))).to(device)

        self.rows = {
            "shop": rows("fashion", "fashion-more", "goods"),
            "small": rows("fashion-small"),
            "home": rows("clothing"),
            "other": rows("grocery", "objects"),
        }
        self.shelf = rows("fashion", "fashion-more", "fashion-small")
        self.wardrobe = self.rows["home"]
        self.words_only = rows("fashion-words")
        self.place_on_shelf = torch.full((len(examples),), -1, device=device)
        self.place_on_shelf[self.shelf] = torch.arange(len(self.shelf), device=device)
        self.odds = {
            name: _odds([labels[i] for i in kept.tolist()]).to(device) for name, kept in self.rows.items()
        }
        self.allowed = {
            task.name: allowed_classes(task, labels).to(device) for task in self.towers.heads.tasks
        }
        places = {
            name: {v: i for i, v in enumerate(sorted({each[name] for each in labels if name in each}))}
            for name in (*SAYABLE, "home")
        }
        self.codes = {
            name: torch.tensor([place.get(each.get(name, ""), -1) for each in labels], device=device)
            for name, place in places.items()
        }
        groups: dict[str, int] = {}
        self.group = torch.tensor(
            [groups.setdefault(f"{e.source == 'clothing'} {e.group}", len(groups)) for e in examples],
            device=device,
        )
        fits = torch.zeros(len(places["home"]), len(places["type"]) + 1, dtype=torch.bool)
        for name, place in places["home"].items():
            for kind in HOME_TO_TYPES.get(name, ()):
                if kind in places["type"]:
                    fits[place, places["type"][kind]] = True
        self.type_of_home = fits.to(device)
        worn = [e.source not in ("grocery", "objects") for e in examples]
        unsure = [e.labels.get("object", "") in _WEARABLE for e in examples]
        self.worn = torch.tensor(worn, dtype=torch.float32, device=device)
        self.sure = torch.tensor([not each for each in unsure], dtype=torch.float32, device=device)
        said = self.texts.said
        self.said = {
            name: torch.tensor([places[name].get(v, -1) for v in said[:, k]], device=device)
            for k, name in enumerate(SAYABLE)
        }
        asked = [{n: v for n, v in zip(SAYABLE, row, strict=True) if v} for row in said.tolist()]
        self.allowed_by_phrase = {
            task.name: allowed_classes(task, asked).to(device)
            for task in self.towers.heads.tasks
            if task.name in SAYABLE
        }

    def save(self, folder: Path) -> None:
        """Write the whole state so that an interruption at any moment leaves the last good one."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "plan": asdict(self.plan),
            "step": self.step,
            "towers": self.towers.state_dict(),
            "steady": self.steady.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory,
        }
        partial = folder / f"{_CHECKPOINT}.partial"
        torch.save(state, partial)
        partial.replace(folder / _CHECKPOINT)

    def resume(self, folder: Path) -> bool:
        """Continue from the last state, if there is one."""
        if not (folder / _CHECKPOINT).exists():
            return False
        state = torch.load(folder / _CHECKPOINT, weights_only=True, map_location=self.device)
        self.towers.load_state_dict(state["towers"])
        self.steady.load_state_dict(state["steady"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory = state["memory"]
        self.step = state["step"]
        return True

    def run(self, folder: Path, until: float = math.inf, save_every: int = 200) -> None:
        """Train to the last step, or to a moment by which the rate has come down."""
        started, first = time.monotonic(), self.step
        done = self.step / self.plan.steps
        offset = done
        while done < 1:
            loss = self.learn(done)
            self.step += 1
            spent = (time.monotonic() - started) / (until - started) * (1 - offset) + offset
            done = max(self.step / self.plan.steps, spent)
            if self.step % 50 == 0:
                pace = (time.monotonic() - started) / (self.step - first)
                log.info("step %d (%.0f%%) loss %.3f, %.3f s/step", self.step, done * 100, float(loss), pace)
            if self.step % save_every == 0:
                self.save(folder)
        self.save(folder)

    def learn(self, done: float) -> torch.Tensor:
        """Take one step and return its loss."""
        # Each step has its own dice, so that a resumed run draws what an unbroken one would.
        torch.manual_seed(self.plan.seed * 1_000_003 + self.step)
        self.towers.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(done) * group["factor"]
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._loss()
        loss.backward()
        nn.utils.clip_grad_norm_(self.towers.parameters(), 3.0)
        self.optimizer.step()
        self._average()
        return loss.detach()

    def draw(self, kind: str, count: int) -> torch.Tensor:
        """Draw rows of one kind, rare classes more often than they occur."""
        return self.rows[kind][torch.multinomial(self.odds[kind], count, replacement=True)]

    def _photographs(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        plan, corpus = self.plan, self.corpus
        parts: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]] = []
        for kind, count, how in (
            ("shop", plan.shop, SHOP),
            ("small", plan.small, SMALL),
            ("home", plan.home, HOME),
            ("other", plan.other, HOME),
        ):
            rows = self.draw(kind, count)
            pixels, masks = corpus.squares(rows, masked=kind in ("shop", "small"))
            scenery = corpus.scenery()
            images, shown = shoot(pixels, masks, scenery, plan.side, how)
            outlined = torch.full((count,), kind == "shop", device=self.device)
            if masks is not None:
                outlined &= masks.float().mean((1, 2)) < 250
            parts.append((rows, images, shown, outlined))
        rows, images, shown, outlined = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return rows, images, shown, outlined

    def _loss(self) -> torch.Tensor:
        towers = self.towers
        rows, images, masks, outlined = self._photographs()
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            with torch.no_grad():
                shared = self.trunk(images)
            features = towers.branch.map(shared)
        pooled, logits = towers.branch.pooled(features.float())
        raw = towers.branch.project(pooled)
        clothes = rows[self.worn[rows] > 0]
        count = len(clothes)
        loss = towers.heads(raw[:count], {name: allowed[clothes] for name, allowed in self.allowed.items()})
        guess = towers.branch.gate(pooled)[:, 0]
        gate = functional.binary_cross_entropy_with_logits(guess, self.worn[rows], self.sure[rows])
        wanted = functional.adaptive_avg_pool2d(masks[:, None], (logits.shape[-2], logits.shape[-1]))[:, 0]
        outline = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((1, 2))
        outline = (outline * outlined).sum() / outlined.sum().clamp(min=1)
        whole = join_fashion(raw[:count])
        loss = loss + 0.3 * gate + 0.3 * outline + self._kinship(clothes, whole) + self._words(clothes, whole)
        with torch.no_grad():
            self.memory[clothes] = whole.detach()
        return loss

    def _kinship(self, rows: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        placed = self.place_on_shelf[rows] >= 0
        mine, shelf = rows[placed], self.shelf
        stock = self.memory[shelf]
        kind, colour = self.codes["type"], self.codes["colour"]
        same = (kind[mine][:, None] == kind[shelf]) & (colour[mine][:, None] == colour[shelf])
        same &= (colour[mine] >= 0)[:, None]
        itself = mine[:, None] == shelf[None, :]
        loss = 0.3 * attract(whole[placed], stock, same, SHARPNESS, itself, each=True)
        home = self.codes["home"][rows] >= 0
        mine, wardrobe = rows[home], self.wardrobe
        fits = self.type_of_home[self.codes["home"][mine]][:, kind[shelf]]
        loss = loss + 0.4 * attract(whole[home], stock, fits, SHARPNESS)
        alike = self.codes["home"][mine][:, None] == self.codes["home"][wardrobe]
        own = self.group[mine][:, None] == self.group[wardrobe]
        return loss + 0.3 * attract(whole[home], self.memory[wardrobe], alike, SHARPNESS, own, each=True)

    def _words(self, rows: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
        towers, texts = self.towers, self.texts
        placed = self.place_on_shelf[rows] >= 0
        titled, picked = rows[placed], whole[placed]
        others = self.shelf[torch.randint(len(self.shelf), (512,), device=self.device)]
        spoken = self.words_only[torch.randint(len(self.words_only), (256,), device=self.device)]
        asked = torch.randint(texts.phrases, (128,), device=self.device)
        ids = texts.batch(torch.cat([titled, others, spoken]), asked).to(self.device)
        ids = ids.masked_fill(torch.rand(ids.shape, device=self.device) < 0.08, PADDING)
        own, more, heard, said = towers.text(ids).split([len(titled), 512, 256, 128])
        loss = 0.5 * towers.heads(heard, {name: allowed[spoken] for name, allowed in self.allowed.items()})
        loss = loss + 0.4 * towers.heads(
            said, {n: allowed[asked] for n, allowed in self.allowed_by_phrase.items()}
        )
        fits = torch.ones(128, len(self.shelf), dtype=torch.bool, device=self.device)
        for name, codes in self.said.items():
            wanted = codes[asked][:, None]
            fits &= (wanted < 0) | (self.codes[name][self.shelf][None] == wanted)
        stock = self.memory[self.shelf]
        loss = loss + 0.4 * attract(join_text(said, FASHION_BLOCKS), stock, fits, SHARPNESS, each=True)
        sharpness = towers.sharpness.exp().clamp(max=40)
        mine, words = join_text(own, FASHION_BLOCKS), join_text(torch.cat([own, more]), FASHION_BLOCKS)
        candidates = torch.cat([titled, others])
        same = self.group[titled][:, None] == self.group[candidates][None, :]
        loss = loss + 0.4 * attract(picked, words, same, sharpness)
        stock = stock.index_copy(0, self.place_on_shelf[titled], picked)
        same = self.group[titled][:, None] == self.group[self.shelf][None, :]
        return loss + 0.4 * attract(mine, stock, same, sharpness)

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.plan.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.steady.state_dict().values(), self.towers.state_dict().values(), strict=True)
        for steady, moving in pairs:
            if steady.is_floating_point():
                steady.lerp_(moving, 1 - keep)
            else:
                steady.copy_(moving)


def _odds(labels: Sequence[dict[str, str]]) -> torch.Tensor:
    names = [
        each.get("type") or each.get("home") or each.get("object") or each.get("product") or ""
        for each in labels
    ]
    counts = Counter(names)
    return torch.tensor([counts[name] ** -_BALANCE for name in names], dtype=torch.float32)
