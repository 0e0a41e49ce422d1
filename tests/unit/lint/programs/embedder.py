import torch


class Embedder:
    def load(self, device):
        self.model = torch.nn.Linear(3, 384).to(device)

    def __call__(self, sentences):
        return self.model(torch.zeros(len(sentences), 3))
