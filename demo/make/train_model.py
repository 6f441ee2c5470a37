"""Train a small character-level transformer decoder and record its curve.

The text is the prose and the examples of the PostgreSQL 15 manual (Debian
package postgresql-doc-15).  Every tenth page is held out for validation.  An
epoch is one pass over all windows of the training text; the windows start at
another offset in each epoch.

Writes two files:

  training-curve.json     config, dataset, one entry per epoch, one per step
  checkpoint.safetensors  the float32 weights after the last epoch; its metadata
                          has one key, "model": JSON with config and alphabet

Everything but the wall times (seconds) follows from --seed, the number of
threads and the library versions.  On a busy machine one thread is the fastest.

Example (requirements.txt installed, the Debian package unpacked below docs/):

  python train_model.py --postgres-docs docs/usr/share/doc/postgresql-doc-15/html \
      --out ../data
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

import doc_text

PAGES = [
    "tutorial*.html", "sql-syntax*.html", "ddl*.html", "dml*.html",
    "queries*.html", "datatype*.html", "typeconv*.html", "indexes*.html",
    "textsearch*.html", "mvcc*.html", "transaction-iso.html",
    "explicit-locking.html", "using-explain.html", "planner*.html",
    "parallel*.html", "populate.html", "rules*.html", "plpgsql*.html",
    "backup*.html", "continuous-archiving.html", "warm-standby*.html",
    "hot-standby.html", "routine-*.html", "wal*.html", "monitoring*.html",
    "logical-replication*.html", "runtime-config*.html", "auth*.html",
]
UNKNOWN = "\ufffd"


class Block(nn.Module):
    """Pre-norm self-attention and feed-forward, each with a residual path."""

    def __init__(self, dimensions: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.norm_attention = nn.LayerNorm(dimensions)
        self.qkv = nn.Linear(dimensions, 3 * dimensions)
        self.attention_out = nn.Linear(dimensions, dimensions)
        self.norm_mlp = nn.LayerNorm(dimensions)
        self.mlp_in = nn.Linear(dimensions, 4 * dimensions)
        self.mlp_out = nn.Linear(4 * dimensions, dimensions)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm_attention(x)).chunk(3, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        mixed = mixed.transpose(1, 2).reshape(batch, length, width)
        x = x + F.dropout(self.attention_out(mixed), self.dropout, self.training)
        hidden = self.mlp_out(F.gelu(self.mlp_in(self.norm_mlp(x))))
        return x + F.dropout(hidden, self.dropout, self.training)


class CharTransformer(nn.Module):
    """Decoder-only transformer; the output layer shares the embedding."""

    def __init__(self, vocabulary: int, context: int, dimensions: int, layers: int,
                 heads: int, dropout: float) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, dimensions)
        self.position_embedding = nn.Embedding(context, dimensions)
        self.blocks = nn.ModuleList(Block(dimensions, heads, dropout) for _ in range(layers))
        self.norm_out = nn.LayerNorm(dimensions)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        positions = torch.arange(tokens.shape[1])
        x = self.token_embedding(tokens) + self.position_embedding(positions)
        for block in self.blocks:
            x = block(x)
        return self.norm_out(x) @ self.token_embedding.weight.T


def page_text(path: Path) -> str:
    """A page as running text, a heading line before each section."""
    parts: list[str] = []
    section = None
    for unit in doc_text.read_page(path):
        if unit.section != section:
            section = unit.section
            parts.append(section)
        parts.append(unit.text)
    return "\n\n".join(parts) + "\n\n"


def windows(tokens: torch.Tensor, context: int, offset: int = 0) -> torch.Tensor:
    """Non-overlapping windows of context + 1 tokens."""
    usable = tokens[offset:]
    count = (len(usable) - 1) // context
    return torch.stack([usable[i * context:i * context + context + 1] for i in range(count)])


@torch.no_grad()
def validate(model: nn.Module, held_out: torch.Tensor, batch: int) -> tuple[float, float]:
    model.eval()
    loss, right, seen = 0.0, 0, 0
    for start in range(0, len(held_out), batch):
        part = held_out[start:start + batch]
        logits = model(part[:, :-1])
        target = part[:, 1:]
        loss += F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="sum").item()
        right += (logits.argmax(-1) == target).sum().item()
        seen += target.numel()
    model.train()
    return loss / seen, right / seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--postgres-docs", type=Path, required=True, help="html folder of postgresql-doc-15")
    parser.add_argument("--out", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dimensions", type=int, default=96)
    parser.add_argument("--attention-heads", type=int, default=4)
    parser.add_argument("--context", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--warmup-steps", type=int, default=100)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=20240615)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)

    paths = doc_text.pages(args.postgres_docs, PAGES)
    train_text = "".join(page_text(p) for i, p in enumerate(paths) if i % 10 != 9)
    val_text = "".join(page_text(p) for i, p in enumerate(paths) if i % 10 == 9)
    counts = Counter(train_text)
    alphabet = [UNKNOWN] + sorted(c for c, n in counts.items() if n >= 10 and c != UNKNOWN)
    number = {c: i for i, c in enumerate(alphabet)}
    train_tokens = torch.tensor([number.get(c, 0) for c in train_text])
    val_windows = windows(torch.tensor([number.get(c, 0) for c in val_text]), args.context)

    model = CharTransformer(len(alphabet), args.context, args.dimensions, args.layers,
                            args.attention_heads, args.dropout)
    parameters = sum(p.numel() for p in model.parameters())
    steps_per_epoch = (len(train_tokens) - 1 - args.context) // args.context // args.batch
    total = steps_per_epoch * args.epochs
    print(f"{len(paths)} pages, {len(train_text)} + {len(val_text)} characters, "
          f"{len(alphabet)} symbols, {parameters} parameters, {total} steps", flush=True)

    decayed = [p for p in model.parameters() if p.dim() >= 2]
    plain = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": args.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=args.learning_rate, betas=(0.9, 0.95))

    def rate(step: int) -> float:
        if step < args.warmup_steps:
            return args.learning_rate * (step + 1) / args.warmup_steps
        done = (step - args.warmup_steps) / max(1, total - args.warmup_steps)
        return args.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))

    first_loss, first_accuracy = validate(model, val_windows, args.batch)
    epochs, steps = [], []
    shuffler = torch.Generator().manual_seed(args.seed)
    begin = time.perf_counter()
    step = 0
    for epoch in range(1, args.epochs + 1):
        epoch_begin = time.perf_counter()
        offset = int(torch.randint(args.context, (1,), generator=shuffler))
        rows = windows(train_tokens, args.context, offset)
        order = torch.randperm(len(rows), generator=shuffler)[:steps_per_epoch * args.batch]
        epoch_loss = 0.0
        for picked in order.split(args.batch):
            for group in optimizer.param_groups:
                group["lr"] = rate(step)
            part = rows[picked]
            logits = model(part[:, :-1])
            loss = F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            steps.append({
                "step": step + 1, "epoch": epoch, "train_loss": round(loss.item(), 5),
                "learning_rate": float(f"{rate(step):.6g}"), "gradient_norm": round(norm.item(), 4),
                "seconds": round(time.perf_counter() - begin, 3),
            })
            epoch_loss += loss.item()
            step += 1
        val_loss, val_accuracy = validate(model, val_windows, args.batch)
        epochs.append({
            "epoch": epoch, "step": step, "train_loss": round(epoch_loss / steps_per_epoch, 5),
            "val_loss": round(val_loss, 5), "val_accuracy": round(val_accuracy, 5),
            "learning_rate": float(f"{rate(step - 1):.6g}"),
            "seconds": round(time.perf_counter() - epoch_begin, 3),
        })
        print(epochs[-1], flush=True)

    config = {
        "model": "char-transformer", "layers": args.layers, "dimensions": args.dimensions,
        "attention_heads": args.attention_heads, "context_length": args.context,
        "vocabulary_size": len(alphabet), "parameters": parameters, "dropout": args.dropout,
        "tied_embeddings": True, "batch_size": args.batch, "epochs": args.epochs,
        "steps_per_epoch": steps_per_epoch, "optimizer": "AdamW",
        "learning_rate": args.learning_rate, "warmup_steps": args.warmup_steps,
        "weight_decay": args.weight_decay, "gradient_clip": 1.0, "seed": args.seed,
        "torch": torch.__version__.split("+")[0],
    }
    dataset = {
        "text": "PostgreSQL 15 documentation", "pages": len(paths), "train_characters": len(train_text),
        "val_characters": len(val_text), "held_out": "every tenth page",
    }
    args.out.mkdir(parents=True, exist_ok=True)
    lines = [
        "{",
        f'"config": {json.dumps(config)},',
        f'"dataset": {json.dumps(dataset)},',
        f'"before_training": {json.dumps({"val_loss": round(first_loss, 5), "val_accuracy": round(first_accuracy, 5)})},',
        '"epochs": [', ",\n".join(json.dumps(e) for e in epochs), "],",
        '"steps": [', ",\n".join(json.dumps(s) for s in steps), "]",
        "}",
    ]
    (args.out / "training-curve.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()},
        args.out / "checkpoint.safetensors",
        # One key only: several are written in an order that differs from run to run.
        metadata={"model": json.dumps({"config": config, "alphabet": "".join(alphabet)})},
    )


if __name__ == "__main__":
    main()
