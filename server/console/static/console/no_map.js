// In place of the map of ODK Web Forms, which would ask a server elsewhere for its pictures: the point
// in words, as it was recorded. It is not changed here.
import { h } from "../web-forms/vue.js";

export default {
  props: ["savedFeatureValue"],
  render() {
    const [lon, lat] = this.savedFeatureValue?.geometry?.coordinates ?? [];
    const said = (degrees) => degrees.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 5 });
    return h("p", { class: "no-map" }, lat === undefined ? "—" : `${said(lat)}; ${said(lon)}`);
  },
};
