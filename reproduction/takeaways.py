"""What was seen in each row's result, written by hand for that result: (claim, date) -> a sentence."""

from __future__ import annotations

from collections.abc import Mapping

DAY_22, DAY_26, DAY_27, DAY_28 = "2026-11-22T", "2026-11-26T", "2026-11-27T", "2026-11-28T"
SEEN: Mapping[tuple[str, str], str] = {
    ("1.1", f"{DAY_22}10:41Z"): "NRDS orders two toy sets correctly in every setting that was tried.",
    ("1.2", f"{DAY_27}11:17Z"): "ED//GAN's score varied a sixth as much over the weight, and ED+GAN at weight 1 was "
    "worse than the mean picture; one training of 24 had not quite settled.",
    ("1.3", f"{DAY_27}02:27Z"): "ED//GAN's score varied a fifth as much over the weight, and ED+GAN drew one constant "
    "picture at weight 1; but ED+GAN had not settled at .1 and 1.",
    ("1.4", f"{DAY_27}11:17Z"): "ED//GAN was ahead at weights .001 and 1; at ED+GAN's best weights, .01 and, with "
    "batch norm, .1, the two were level.",
    ("1.5+", f"{DAY_22}11:37Z"): "With SGD the weight mattered ten times as much as with Adam, after 150 steps.",
    ("1.6", f"{DAY_27}02:26Z"): "The residual brings the missing fine energy and NRDS prefers the output, but a person "
    "sees coloured streaks, and it hardly lies on the edges.",
    ("1.7", f"{DAY_27}02:27Z"): "ED+GAN collapsed at weight 1 with all three seeds and ED//GAN never did; their spread "
    "over seeds was not told apart.",
    ("1.8", f"{DAY_22}11:41Z"): "Pix2Pix// is worse than the mean photo after 150 steps.",
    ("1.9", f"{DAY_28}01:41Z"): "CAAE// was ahead of CAAE at weights .01 and 1, where CAAE scratches faces or draws "
    "one pattern, and level at .0001, where CAAE is blurred; CAAE//'s own faces are stained.",
    ("1.10+", f"{DAY_27}11:29Z"): "Coupling up to .1 changed nothing; beyond it NRDS fell, and the base lost 3 dB.",
    (
        "2.1",
        f"{DAY_22}20:51Z",
    ): "The rivals had up to 40 % more autoencoder steps than CDNet, so the order means nothing.",
    (
        "2.4",
        "2026-11-23T00:13Z",
    ): "Nine in ten edited digits are read as their new class and keep ink and slant; whether it "
    "is at least nine in ten is open.",
    ("2.2", f"{DAY_28}00:19Z"): "AE-XCov kept a twentieth of the real fine energy, CDNet half with dCov and a third "
    "with XCov; CDNet has periodic peaks of 4 to 7 where 8 is a checkerboard.",
    ("2.3", f"{DAY_28}00:19Z"): "A twelfth of IcGAN's faces were recognised, and two thirds to nine tenths of "
    "CDNet's; IcGAN kept 72 % of the attributes, just below what counts as kept.",
    ("2.5", f"{DAY_28}00:20Z"): "CDNet's edits moved other attributes less than IcGAN's and VAE/GAN's, and as much "
    "as AE-XCov's.",
    ("2.6", f"{DAY_28}00:20Z"): "CDNet and AE-XCov set both attributes in every face, IcGAN in half of them, VAE/GAN"
    " in one of twenty.",
    ("2.7", f"{DAY_28}00:20Z"): "The error fell from 1 to 0 without a rise between adjacent intensities, for both "
    "kinds of decorrelation.",
    ("2.8", f"{DAY_28}00:20Z"): "dCov and XCov could not be told apart at either weight.",
    ("2.9", f"{DAY_28}00:20Z"): "Training with dCov lowered the dependence of y and z tenfold; training without "
    "decorrelation raised it.",
    ("2.10", f"{DAY_28}00:21Z"): "Both losses together beat the features alone by 1.5 dB and in recognised faces; in"
    " fine energy they were ahead of the pixels alone with all three seeds, not by enough.",
    ("2.11", f"{DAY_28}00:21Z"): "With dCov a tenth less of an edit's movement fell on other attributes than "
    "without; with XCov it is open.",
    (
        "2.12",
        f"{DAY_22}14:54Z",
    ): "Steps with dCov and XCov took the same time in networks much smaller than the paper's.",
    ("2.13", f"{DAY_22}14:54Z"): "Scores rose over -1.5 to 3, half of the range that the claim is about.",
    ("2.14+", f"{DAY_26}08:52Z"): "Edits turned their own factor far more than others, and dCov made the others turn "
    "less; whether the trainings had converged was not recorded.",
    ("3.1", f"{DAY_22}15:02Z"): "On Fashion-MNIST the connection network was 1.6 dB ahead at equal processor time.",
    ("3.2", f"{DAY_22}14:50Z"): "After 80 steps both starts ended within .05 dB of each other.",
    ("3.4", f"{DAY_22}14:54Z"): "The VAE was ahead of every GAN, and ALI was worse than the mean picture.",
    ("3.5", f"{DAY_22}14:55Z"): "DCGAN came near the printed PSNR; the VAE was 9 dB above it.",
    ("3.6", f"{DAY_22}14:55Z"): "Two seeds cannot decide a rank correlation of seven models.",
    ("3.7", f"{DAY_22}14:50Z"): "1,000 test images are enough: 10,000 change the mean by hundredths of a dB.",
    (
        "3.8",
        f"{DAY_27}17:40Z",
    ): "At 28 px the paper's connection network has seven times the encoder's parameters and takes longer per image.",
    (
        "3.9",
        f"{DAY_26}09:14Z",
    ): "18 % of edits showed blond hair and 6 % glasses, on a GAN of 500 steps.",
    ("3.10", f"{DAY_22}14:55Z"): "Noise scored far below every GAN; 1,000 memorised images scored above the worst.",
    ("3.11", f"{DAY_26}09:47Z"): "None of the three models drew a good face, so their order says little.",
    ("3.12+", f"{DAY_26}10:00Z"): "Two layers were behind, with a fifth less processor time than one.",
    ("3.13+", f"{DAY_22}15:02Z"): "L-BFGS was half a dB ahead in equal time, on a GAN of 1,200 steps.",
    ("3.14+", f"{DAY_26}10:00Z"): "A cycle loss made no visible difference.",
    (
        "4.1",
        f"{DAY_22}19:50Z",
    ): "The perceptual losses were those of D, not of a pretrained network, and no objective beat "
    "the mean photo by half a dB.",
    ("4.2", f"{DAY_22}19:50Z"): "GRIT lay between the objectives, after 300 steps.",
    ("4.3", f"{DAY_22}19:51Z"): "Variants differed in fine detail, as those of an untrained residual would.",
    ("4.4+", f"{DAY_22}20:07Z"): "GRIT's score moved less with its weight, in a network where the weight hardly acts.",
    ("5.1", f"{DAY_22}20:46Z"): "All thirteen models are within .35 dB of the mean photo.",
    ("5.2", f"{DAY_22}20:46Z"): "All thirteen models are within .35 dB of the mean photo.",
    ("5.3", f"{DAY_22}20:46Z"): "The weight could not act: the KL was a mean of 256 components.",
    ("5.4", f"{DAY_22}20:46Z"): "No model fitted its training pairs, so none could overfit.",
    ("5.5", f"{DAY_22}20:52Z"): "The linked halves shared an optimiser state over both phases, which disturbed them.",
    ("5.6", f"{DAY_22}20:52Z"): "The linked halves shared an optimiser state over both phases, which disturbed them.",
    ("5.7", f"{DAY_22}20:59Z"): "A mean over 4,096 logits was compared with a single logit.",
    ("5.8", f"{DAY_22}21:19Z"): "Linked variants take up to twice Pix2Pix's time; their steadiness was compared across "
    "two kinds of loss.",
}
