"""The systems of five papers as recipes, with models they cite or propose as future work.

A paper's recipe sets `keyword_bonus = False`: its score is exactly the paper's.
"""

from __future__ import annotations

from dataclasses import replace

from lookalike.types import Recipe

BABU = "Babu and Jose, 2023"
MISHRA = "Mishra et al."
HARI_PRASAD = "Hari Prasad et al., 2023"
ANGADI = "Angadi et al."
JABLOUN = "Jabloun et al., 2023"
PATIL = "Patil"
FUTURE_WORK = f"future work of {HARI_PRASAD}"

KERAS_STEPS = (
    "read the photo",
    "resize to 224 x 224, nearest neighbor",
    "RGB to BGR, means subtracted",
    "ResNet-50 with Keras' weights, without its top",
)
TORCH_STEPS = ("shorter side to 256, center crop 224", "ResNet-50 v1.5 of PyTorch, average pool")
ALEXNET_CLUSTERS = "K-means clusters; a search keeps to the nearest ones on request"
# Hari Prasad et al. concatenate these fields of the product table.
METADATA = ("facets", "title")
TOP = 5

RESNET50_MAX = Recipe(
    name="resnet50-max",
    summary="ResNet-50 with Keras' weights, global max pool",
    image="resnet50-keras-max",
    image_weight=1.0,
    metric="euclidean",
    k=TOP,
    keyword_bonus=False,
    paper=BABU,
    steps=(*KERAS_STEPS, "global max pool", "unit length", "Euclidean nearest neighbors, top 5"),
)

ALEXNET = Recipe(
    name="alexnet",
    summary="the 1000 values of AlexNet, cosine above 0.5",
    image="alexnet",
    image_weight=1.0,
    clusters=10,
    min_score=0.5,
    k=TOP,
    keyword_bonus=False,
    paper=MISHRA,
    steps=(
        "shorter side to 256, center crop 224",
        "AlexNet, its 1000 values",
        ALEXNET_CLUSTERS,
        "cosine above 0.5, top 5",
    ),
)
ALEXNET_SQUASH = replace(
    ALEXNET,
    name="alexnet-squash",
    summary="as alexnet; both sides to 256 before the crop",
    image="alexnet-squash",
    steps=("both sides to 256, center crop 224", *ALEXNET.steps[1:]),
)
ALEXNET_227 = replace(
    ALEXNET,
    name="alexnet-227",
    summary="as alexnet; both sides to 256, crop 227",
    image="alexnet-227",
    steps=("both sides to 256, center crop 227", *ALEXNET.steps[1:]),
)
ALEXNET_PCA = replace(
    ALEXNET,
    name="alexnet-pca",
    summary="as alexnet, reduced by PCA to 128 components",
    components=128,
    steps=(*ALEXNET.steps[:2], "PCA to 128 components", *ALEXNET.steps[2:]),
)
ALEXNET_FC7 = replace(
    ALEXNET,
    name="alexnet-fc7",
    summary="as alexnet; the 4096 values before its classes",
    image="alexnet-fc7",
    steps=(ALEXNET.steps[0], "AlexNet, fc7", *ALEXNET.steps[2:]),
)

RESNET50_SBERT = Recipe(
    name="resnet50-sbert",
    summary="ResNet-50 with Keras' weights and average pool, and sentences by BERT",
    image="resnet50-keras",
    text="sbert",
    text_fields=METADATA,
    image_weight=0.5,
    k=TOP,
    keyword_bonus=False,
    paper=HARI_PRASAD,
    steps=(
        *KERAS_STEPS,
        "global average pool",
        "bert-base-nli-mean-tokens over the metadata in a row",
        "cosine by photo, by words or by both, top 5",
    ),
)
RESNET50_SBERT_TORCH = replace(
    RESNET50_SBERT,
    name="resnet50-sbert-torch",
    summary="as resnet50-sbert, with PyTorch's ResNet-50",
    image="resnet50",
    steps=(*TORCH_STEPS, *RESNET50_SBERT.steps[-2:]),
)

VGG16 = Recipe(
    name="vgg16",
    summary="the fully connected features of VGG-16",
    image="vgg16",
    image_weight=1.0,
    keyword_bonus=False,
    paper=f"{ANGADI}, cited by {HARI_PRASAD}",
    steps=("shorter side to 256, center crop 224", "VGG-16, fc features", "cosine"),
)

RESNET50_TFIDF = Recipe(
    name="resnet50-tfidf",
    summary="ResNet-50 with Keras' weights and TF-IDF of the description, 0.7 to 0.3",
    image="resnet50-keras",
    text="tfidf",
    text_fields=("title", "description"),
    image_weight=0.7,
    keyword_bonus=False,
    paper=JABLOUN,
    steps=(
        *KERAS_STEPS,
        "global average pool, the layer before the classes",
        "TF-IDF of the description",
        "0.7 cosine of photos + 0.3 cosine of words",
    ),
)
RESNET50_TFIDF_PCA = replace(
    RESNET50_TFIDF,
    name="resnet50-tfidf-pca",
    summary="as resnet50-tfidf, photos reduced by PCA to 90% of their variance",
    components=0.9,
    steps=("as resnet50-tfidf", "PCA to 90% of the variance of the photos"),
)
RESNET50_TFIDF_TORCH = replace(
    RESNET50_TFIDF,
    name="resnet50-tfidf-torch",
    summary="as resnet50-tfidf, with PyTorch's ResNet-50",
    image="resnet50",
    steps=(*TORCH_STEPS, *RESNET50_TFIDF.steps[-2:]),
)
RESNET50_TFIDF_PCA_TORCH = replace(
    RESNET50_TFIDF_PCA,
    name="resnet50-tfidf-pca-torch",
    summary="as resnet50-tfidf-pca, with PyTorch's ResNet-50",
    image="resnet50",
    steps=("as resnet50-tfidf-torch", RESNET50_TFIDF_PCA.steps[-1]),
)

FASHION_FRS = replace(
    RESNET50_MAX,
    name="fashion-frs",
    summary="ResNet-50 with Keras' weights, nearest neighbors, feedback",
    paper=PATIL,
    steps=(
        *KERAS_STEPS,
        "global max pool, flattened",
        "unit length",
        "Euclidean nearest neighbors, feedback",
    ),
)
FASHION_FRS_FLATTEN = replace(
    FASHION_FRS,
    name="fashion-frs-flatten",
    summary="as fashion-frs without a pool: 7 x 7 x 2048 values, 401 kB a photo",
    image="resnet50-keras-flatten",
    steps=(*KERAS_STEPS, "7 x 7 x 2048 values, flattened", *FASHION_FRS.steps[-2:]),
)

CLIP = Recipe(
    name="clip",
    summary="CLIP ViT-B/32: words and photos in one space",
    image="clip",
    text="clip",
    joint=True,
    paper=FUTURE_WORK,
    steps=("CLIP's two towers", "cosine in both directions"),
)
SIGLIP = replace(
    CLIP,
    name="siglip",
    summary="SigLIP B/16: words and photos in one space",
    image="siglip",
    text="siglip",
    steps=("SigLIP's two towers", "cosine in both directions"),
)
FASHION_SIGLIP = replace(
    CLIP,
    name="fashion-siglip",
    summary="FashionSigLIP: words and photos in one space, trained on fashion",
    image="fashion-siglip",
    text="fashion-siglip",
    steps=("FashionSigLIP's two towers", "cosine in both directions"),
)

PAPER_RECIPES = (
    RESNET50_MAX,
    ALEXNET,
    ALEXNET_SQUASH,
    ALEXNET_227,
    ALEXNET_PCA,
    ALEXNET_FC7,
    RESNET50_SBERT,
    RESNET50_SBERT_TORCH,
    VGG16,
    RESNET50_TFIDF,
    RESNET50_TFIDF_PCA,
    RESNET50_TFIDF_TORCH,
    RESNET50_TFIDF_PCA_TORCH,
    FASHION_FRS,
    FASHION_FRS_FLATTEN,
    CLIP,
    SIGLIP,
    FASHION_SIGLIP,
)
