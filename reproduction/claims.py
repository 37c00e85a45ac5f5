"""The claims of the five papers, in our words: one line of the ledger each, whether or not it can be run."""

from __future__ import annotations

from dataclasses import dataclass

PAPERS = {
    1: "Zhang, Song, Qi: Decoupled Learning for Conditional Adversarial Networks (WACV 2018)",
    2: "Song, Koyejo, Zhang: Toward a Controllable Disentanglement Network (IEEE T-Cybernetics 2022)",
    3: "Bang, Kang, Shim: Recycling the Discriminator for Improving the Inference Mapping of GAN (2018)",
    4: "Suri, Meshry, Davis, Shrivastava: GRIT: GAN Residuals for Paired Image-to-Image Translation (WACV 2024)",
    5: "Wu: UU-Nets Connecting Discriminator and Generator for Image to Image Translation (2019)",
}


@dataclass(frozen=True)
class Claim:
    """A claim.

    Attributes:
        id: PAPER.NUMBER; a + marks a claim that goes beyond the paper.
        text: what is claimed, a sentence.
        figure: what the paper prints, and where.
        data: the data sets that test it, by the names of their folders; () if none is needed.
    """

    id: str
    text: str
    figure: str
    data: tuple[str, ...] = ()

    @property
    def paper(self) -> int:
        """The paper's number."""
        return int(self.id.partition(".")[0])

    @property
    def beyond(self) -> bool:
        """Whether the claim goes beyond the paper."""
        return self.id.endswith("+")


UTK, CELEBA, FACADES = ("utkface",), ("celeba",), ("facades",)
FASHION = ("fashion-mnist",)
THREE = ("fashion-mnist", "cifar10", "celeba")
GARMENTS_OR_FACES = ("fashion-mnist", "celeba")
PICTURES = "pictures"

CLAIMS: tuple[Claim, ...] = (
    Claim("1.1", "Of two fake sets, the one nearer to the real set gets the larger NRDS.", ".6717 / .3283 (Fig. 6)"),
    Claim(
        "1.2",
        "With batch norm in encoder and decoder, ED//GAN's NRDS depends less on the weight than ED+GAN's.",
        "std .0017 against .0099 (Table 2)",
        UTK,
    ),
    Claim(
        "1.3",
        "Without batch norm in encoder and decoder, ED//GAN's NRDS depends less on the weight than ED+GAN's.",
        "std .0017 against .0215 (Table 3)",
        UTK,
    ),
    Claim(
        "1.4",
        "ED//GAN ranks above ED+GAN at every weight.",
        ".130 to .147 against .073 to .127 (Tables 2, 3)",
        UTK,
    ),
    Claim("1.5+", "ED//GAN does not depend on the weight because Adam cancels the scale of a gradient.", "none", UTK),
    Claim("1.6", "The residual adds the edges and texture that the encoder-decoder misses.", "pictures (Fig. 4)", UTK),
    Claim(
        "1.7",
        "Without batch norm in encoder and decoder, ED//GAN trains stably and ED+GAN does not.",
        "pictures (Fig. 8)",
        UTK,
    ),
    Claim(
        "1.8",
        "Pix2Pix// without a weight keeps up with Pix2Pix at its best weight.",
        ".2597 against .2190, .2641, .2572 (Table 4)",
        FACADES,
    ),
    Claim(
        "1.9",
        "CAAE// without a weight ranks above CAAE at every weight.",
        ".2547 against .2527, .2496, .2430 (Table 5)",
        UTK,
    ),
    Claim("1.10+", "Quality changes monotonically as the adversarial loss is coupled to the decoder.", "none", UTK),
    Claim(
        "2.1",
        "CDNet reconstructs better than AE-XCov, IcGAN and VAE/GAN.",
        "RMSE, PSNR, MS-SSIM (Table I)",
        ("mnist", "celeba"),
    ),
    Claim("2.2", "AE-XCov's images are blurred and CDNet's are not.", "pictures (Fig. 3)", CELEBA),
    Claim("2.3", "IcGAN keeps the attributes of a face but not its identity.", PICTURES, CELEBA),
    Claim("2.4", "An edited digit changes its class and keeps its style.", "pictures (Fig. 4)", ("mnist",)),
    Claim("2.5", "An edit changes its attribute and leaves the others.", "pictures (Figs. 5, 6)", CELEBA),
    Claim("2.6", "Several attributes at once can be edited with CDNet, not with its rivals.", PICTURES, CELEBA),
    Claim("2.7", "An SVM's error on edited faces falls as the edit's intensity rises.", "curves (Fig. 7)", CELEBA),
    Claim("2.8", "dCov does no worse than XCov in SVM error, and better at weight 1.", "curves (Fig. 7)", CELEBA),
    Claim("2.9", "dCov^2 vanishes only under independence, and training lowers it.", "Theorem 1", CELEBA),
    Claim("2.10", "Pixel and feature loss together beat either alone.", "pictures (Fig. 8a)", CELEBA),
    Claim("2.11", "Decorrelating the latent improves editing.", "pictures (Fig. 8b)", CELEBA),
    Claim(
        "2.12",
        "dCov costs no more time than XCov.",
        "1.34 h against 1.33 h; 11.23 h against 11.17 h",
        ("mnist", "celeba"),
    ),
    Claim("2.13", "Intensities from -2 to 5 work, beyond those of training.", PICTURES, CELEBA),
    Claim(
        "2.14+",
        "On rendered faces an edit turns its factor at least five times as far as any other visible factor, and the "
        "others turn less with dCov than without.",
        "none",
    ),
    Claim(
        "3.1",
        "A connection network inverts better than a plain encoder.",
        "16.85 dB, .5214 against 15.28 dB, .4872 (Fig. 1)",
        GARMENTS_OR_FACES,
    ),
    Claim(
        "3.2",
        "Optimising from the connection network's guess beats iGAN, and iGAN beats both alone in PSNR.",
        "18.52 dB, .5710; 18.21 dB, .5624 (Fig. 1)",
        GARMENTS_OR_FACES,
    ),
    Claim(
        "3.3",
        "VGG16 features do as well as the discriminator's but need more memory.",
        "16.81 dB, .5199 (Fig. 1)",
        CELEBA,
    ),
    Claim(
        "3.4",
        "A connection network on any of five GANs beats VAE and ALI in PSNR and SSIM.",
        "Table 1",
        THREE,
    ),
    Claim("3.5", "The PSNR and SSIM of Table 1.", "Table 1", THREE),
    Claim("3.6", "The ranking agrees with Inception score and MS-SSIM on the first two models.", "Table 1", THREE),
    Claim("3.7", "1,000 test images are enough: 100 to 10,000 give nearly the same.", "text", FASHION),
    Claim("3.8", "A connection network needs fewer parameters and less time than an encoder.", "text", FASHION),
    Claim("3.9", "Adding differences of mean latents edits hair and glasses.", "pictures (Fig. 3)", CELEBA),
    Claim("3.10", "Noise fools Inception score and MS-SSIM, not inversion.", "text", FASHION),
    Claim("3.11", "Editable GAN both samples and edits as well as its rivals.", "pictures (Fig. 5)", CELEBA),
    Claim("3.12+", "Features of D's last two layers invert better than those of the last alone.", "none", FASHION),
    Claim(
        "3.13+",
        "In equal time L-BFGS refines the network's guess more than Adam or Gauss-Newton.",
        "none",
        FASHION,
    ),
    Claim("3.14+", "A cycle loss improves the connection network.", "none", FASHION),
    Claim("3.15+", "Memorised images fool Inception score and MS-SSIM, not inversion.", "none", FASHION),
    Claim(
        "3.16",
        "Inversions by a loss of latents keep glasses and moustaches that those by a loss of pixels blur away.",
        "pictures (Fig. 1)",
        CELEBA,
    ),
    Claim("3.17", "Reconstructions of a VAE are blurred, and those of ALI lose identity.", "pictures (Fig. 2)", CELEBA),
    Claim(
        "4.1",
        "L1 alone blurs; a perceptual loss leaves a grid; with a GAN added, artefacts remain.",
        "pictures (Fig. 3)",
        FACADES,
    ),
    Claim(
        "4.2",
        "A reconstruction plus a GAN's residual looks more real than the objectives of row 4.1.",
        PICTURES,
        FACADES,
    ),
    Claim(
        "4.3", "One input gives many outputs that differ in local detail and look real.", "pictures (Fig. 4)", FACADES
    ),
    Claim("4.4+", "No weight between the losses needs tuning.", "none", FACADES),
    Claim(
        "4.5+",
        "Read literally or as here, GRIT looks more real than a loss on pretrained features.",
        "none",
        FACADES,
    ),
    Claim(
        "5.1",
        "UUVAE-GAN with a weight of .65 on the discriminator's KL is best in MSE and PSNR.",
        ".39, 11.34 dB, SSIM .49 against Pix2Pix .45, 10.64 dB, .43 (Table 1)",
        FACADES,
    ),
    Claim("5.2", "The cross KL loss gives the best SSIM.", ".50 (Table 1)", FACADES),
    Claim(
        "5.3", "A larger weight on the discriminator's KL is better.", "MSE .42 at .4, .39 at .65 (Table 1)", FACADES
    ),
    Claim(
        "5.4", "Plain UU-Nets overfit: good on training pairs, bad on test pairs.", "MSE .49 to .52 (Table 1)", FACADES
    ),
    Claim("5.5", "Linking both halves speeds up training early on.", "curves (Fig. 5)", FACADES),
    Claim("5.6", "A linked discriminator is weaker: its loss is higher.", "curves (Fig. 5)", FACADES),
    Claim("5.7", "The tail module stabilises training.", "text", FACADES),
    Claim("5.8", "Stability and training time of the variants.", ".02 to .06; 6 h 41 to 27 h 28 (Table 2)", FACADES),
    Claim(
        "5.9",
        "UUVAE-GAN's results are not owed to added layers: it beats the plain U-Net and Pix2Pix.",
        "text (Section 4.3)",
        FACADES,
    ),
    Claim(
        "5.10",
        "Early on, links between encoders or decoders alone are worse than none and between codes better; later all "
        "catch up.",
        "text (Section 5.2)",
        FACADES,
    ),
    Claim(
        "5.11", "In the best network D's KL at fakes is weak at first and strong later.", "text (Section 5.3)", FACADES
    ),
    Claim(
        "5.12",
        "Read as the share of real pictures in D's KL, .65 is better than .4.",
        "MSE .42 at .4, .39 at .65 (Table 1)",
        FACADES,
    ),
)

BY_ID = {claim.id: claim for claim in CLAIMS}
