// The controls of the page. Without them it says all that it says of the end of the run.
for (const moments of document.querySelectorAll(".moments")) {
  const slider = moments.querySelector("input");
  const show = () => {
    for (const group of moments.querySelectorAll("[data-moment]")) {
      const chosen = group.dataset.moment === slider.value;
      group.setAttribute("visibility", chosen ? "visible" : "hidden");
      const words = chosen && group.querySelector("text");
      if (words) slider.setAttribute("aria-valuetext", words.textContent);
    }
  };
  slider.addEventListener("input", show);
  show();
  moments.querySelector(".control").hidden = false;
}
for (const weights of document.querySelectorAll(".weights:has(select)")) {
  const select = weights.querySelector("select");
  const chosen = weights.querySelector(".chosen");
  const first = [select.value, [...chosen.childNodes]];
  select.addEventListener("change", () => {
    const template = weights.querySelector(`template[data-place="${select.value}"]`);
    chosen.replaceChildren(...(select.value === first[0] ? first[1] : [template.content.cloneNode(true)]));
  });
  weights.querySelector(".control").hidden = false;
}
