"""Train a QLoRA adapter of the small transformer with PEFT.

The base is the checkpoint that train_model.py wrote from the PostgreSQL manual.
Its linear layers are quantized to 4 bits (NF4, by bitsandbytes) and frozen; the
adapter then learns the prose of the Python tutorial (Debian package
python3.11-doc).  Every fourth page is held out for validation.

Writes, below --out:

  adapter/adapter_config.json        by PEFT's save_pretrained, as it is
  adapter/adapter_model.safetensors  by PEFT's save_pretrained, as it is
  adapter-training.json              config, dataset, validation before the training,
                                     one entry per epoch, one per step

Everything but the wall times (seconds) follows from --seed, the number of
threads and the library versions.  PYTHONHASHSEED=0 fixes the order in which
PEFT writes target_modules, which it holds as a set.

Example (requirements.txt installed, the Debian package unpacked below docs/):

  PYTHONHASHSEED=0 python train_adapter.py --checkpoint ../data/checkpoint.safetensors \
      --python-docs docs/usr/share/doc/python3.11/html --out ../data
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

# PEFT would otherwise look up the base model's name on the network.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import bitsandbytes as bnb
import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from torch import nn

import doc_text
from train_model import CharTransformer, page_text, validate, windows

BASE_NAME = "demo-transformer"
PAGES = ["tutorial/*.html"]
# Weights that share one scale.
BLOCK = 32
TARGETS = ["qkv", "attention_out", "mlp_in", "mlp_out"]


def load_base(path: Path) -> tuple[CharTransformer, dict, str]:
    """The trained base, its config and its alphabet."""
    with safe_open(path, framework="pt") as file:
        made = json.loads(file.metadata()["model"])
        weights = {name: file.get_tensor(name) for name in file.keys()}
    config = made["config"]
    model = CharTransformer(config["vocabulary_size"], config["context_length"], config["dimensions"],
                            config["layers"], config["attention_heads"], config["dropout"])
    model.load_state_dict(weights)
    return model, config, made["alphabet"]


def quantize(model: CharTransformer) -> None:
    """Replace the linear layers that get an adapter by their 4-bit form."""
    for block in model.blocks:
        for name in TARGETS:
            plain: nn.Linear = getattr(block, name)
            packed = bnb.nn.Linear4bit(plain.in_features, plain.out_features, compute_dtype=torch.float32, quant_type="nf4")
            packed.load_state_dict(plain.state_dict())
            # A row has to be whole blocks: bitsandbytes on the processor reads others back wrong (96 weights in the
            # usual blocks of 64: a relative error of 0.24 to 0.49, where NF4 has 0.09).
            packed.weight = bnb.nn.Params4bit(plain.weight.data, requires_grad=False, quant_type="nf4", blocksize=BLOCK)
            # On some processors the layer would repack itself to bfloat16 when it is only read: training and
            # validation would see different weights, and the result would depend on the machine.
            packed.support_avx512bf16_for_cpu = False
            setattr(block, name, packed)
    model.to("cpu")  # bitsandbytes quantizes when a layer is moved
    model.is_loaded_in_4bit = True  # PEFT then takes its layers for 4-bit bases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint.safetensors of train_model.py")
    parser.add_argument("--python-docs", type=Path, required=True, help="html folder of python3.11-doc")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=int, default=16)
    parser.add_argument("--lora-dropout", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=4e-3)
    parser.add_argument("--seed", type=int, default=20240615)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)

    base, base_config, alphabet = load_base(args.checkpoint)
    context = base_config["context_length"]
    number = {symbol: at for at, symbol in enumerate(alphabet)}
    paths = doc_text.pages(args.python_docs, PAGES)
    train_text = "".join(page_text(path) for at, path in enumerate(paths) if at % 4 != 3)
    val_text = "".join(page_text(path) for at, path in enumerate(paths) if at % 4 == 3)
    train_tokens = torch.tensor([number.get(symbol, 0) for symbol in train_text])
    val_windows = windows(torch.tensor([number.get(symbol, 0) for symbol in val_text]), context)

    exact_loss, _ = validate(base, val_windows, args.batch)
    quantize(base)
    base.name_or_path = BASE_NAME
    model = get_peft_model(base, LoraConfig(
        r=args.rank, lora_alpha=args.alpha, lora_dropout=args.lora_dropout, target_modules=TARGETS))
    learned = [part for part in model.parameters() if part.requires_grad]
    first_loss, first_accuracy = validate(model, val_windows, args.batch)

    steps_per_epoch = (len(train_tokens) - 1 - context) // context // args.batch
    total = steps_per_epoch * args.epochs
    optimizer = torch.optim.AdamW(learned, lr=args.learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total)
    shuffler = torch.Generator().manual_seed(args.seed)
    epochs, steps = [], []
    begin = time.perf_counter()
    for epoch in range(1, args.epochs + 1):
        epoch_begin, epoch_loss = time.perf_counter(), 0.0
        rows = windows(train_tokens, context, int(torch.randint(context, (1,), generator=shuffler)))
        order = torch.randperm(len(rows), generator=shuffler)[:steps_per_epoch * args.batch]
        for picked in order.split(args.batch):
            part = rows[picked]
            loss = F.cross_entropy(model(part[:, :-1]).flatten(0, 1), part[:, 1:].flatten())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = nn.utils.clip_grad_norm_(learned, 1.0)
            rate = schedule.get_last_lr()[0]
            optimizer.step()
            schedule.step()
            steps.append({
                "step": len(steps) + 1, "epoch": epoch, "train_loss": round(loss.item(), 5),
                "learning_rate": float(f"{rate:.6g}"), "gradient_norm": round(norm.item(), 4),
                "seconds": round(time.perf_counter() - begin, 3),
            })
            epoch_loss += loss.item()
        val_loss, val_accuracy = validate(model, val_windows, args.batch)
        epochs.append({
            "epoch": epoch, "step": len(steps), "train_loss": round(epoch_loss / steps_per_epoch, 5),
            "val_loss": round(val_loss, 5), "val_accuracy": round(val_accuracy, 5),
            "learning_rate": steps[-1]["learning_rate"], "seconds": round(time.perf_counter() - epoch_begin, 3),
        })
        print(epochs[-1], flush=True)

    folder = args.out / "adapter"
    model.save_pretrained(folder)
    (folder / "README.md").unlink()  # PEFT's empty form of a model card
    config = {
        "base_model": BASE_NAME, "rank": args.rank, "alpha": args.alpha, "dropout": args.lora_dropout,
        "target_modules": TARGETS, "quantization_bits": 4, "quantization_type": "nf4",
        "quantization_block": BLOCK,
        "trained_parameters": sum(part.numel() for part in learned), "batch_size": args.batch,
        "epochs": args.epochs, "steps_per_epoch": steps_per_epoch, "optimizer": "AdamW",
        "learning_rate": args.learning_rate, "gradient_clip": 1.0, "seed": args.seed,
        "torch": torch.__version__.split("+")[0],
    }
    dataset = {
        "text": "Python 3.11 tutorial", "pages": len(paths), "train_characters": len(train_text),
        "val_characters": len(val_text), "held_out": "every fourth page",
    }
    before = {
        "val_loss_unquantized": round(exact_loss, 5), "val_loss": round(first_loss, 5),
        "val_accuracy": round(first_accuracy, 5),
    }
    lines = [
        "{",
        f'"config": {json.dumps(config)},',
        f'"dataset": {json.dumps(dataset)},',
        f'"before_training": {json.dumps(before)},',
        '"epochs": [', ",\n".join(json.dumps(epoch) for epoch in epochs), "],",
        '"steps": [', ",\n".join(json.dumps(step) for step in steps), "]",
        "}",
    ]
    (args.out / "adapter-training.json").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
