// ODK Web Forms writes its styles by script. The policy of its page takes a style only with the word
// that this very answer carries, so each `<style>` gets it as it is made. To be imported first.
const { nonce } = document.querySelector("script[nonce]");
const make = document.createElement.bind(document);

document.createElement = (name, options) => {
  const made = make(name, options);
  if (made.localName === "style") made.nonce = nonce;
  return made;
};
