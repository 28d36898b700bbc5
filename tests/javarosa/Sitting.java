import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.GroupDef;
import org.javarosa.core.model.data.AnswerDataFactory;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.UncastData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;

/** One person filling the form once. */
final class Sitting {
    private static final int TRIES = 400;
    private static final int REPAIRS = 60;
    private static final int MAX_ROWS = 3;

    final Map<String, byte[]> files = new LinkedHashMap<>();
    private final FormDef form;
    private final Options options;
    private final Random random;
    private final long start; // ms since 1970
    private final FormEntryModel model;
    private final FormEntryController controller;
    private final Draw draw;
    private final Map<String, Integer> rowsWanted = new HashMap<>();

    Sitting(FormDef form, Hints hints, Options options, Random random, Date start) {
        this.form = form;
        this.options = options;
        this.random = random;
        this.start = start.getTime();
        model = new FormEntryModel(form);
        controller = new FormEntryController(model);
        draw = new Draw(hints, options.today, random);
    }

    /** Answer every question that is asked, in order; then whatever the engine still finds wrong. */
    void walk() throws IOException {
        keepAudit();
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event;
        while ((event = controller.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM) {
            FormIndex index = model.getFormIndex();
            if (event == FormEntryController.EVENT_QUESTION) answer(index);
            else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) addRow(index);
            else if (event == FormEntryController.EVENT_REPEAT && rowsWanted(index) == 0)
                controller.deleteRepeat(); // the first row is there from the start
        }
        FormIndex wrong = firstWrong();
        for (int repair = 0; repair < REPAIRS && wrong != null; repair++) {
            answer(wrong);
            wrong = firstWrong();
        }
        if (wrong != null)
            throw new IllegalStateException("stays invalid: " + wrong.getReference());
    }

    /**
     * Return the first question that finalising would refuse, or null. The engine's own validate()
     * asks the same, but gives every answer anew and so calculates the whole form once more.
     */
    private FormIndex firstWrong() {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event;
        while ((event = controller.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM) {
            if (event != FormEntryController.EVENT_QUESTION) continue;
            FormEntryPrompt prompt = model.getQuestionPrompt();
            IAnswerData data = prompt.getAnswerValue();
            boolean isMissing = data == null && prompt.isRequired() && !prompt.isReadOnly();
            boolean isRefused =
                    data != null
                            && !form.evaluateConstraint(prompt.getIndex().getReference(), data);
            if (isMissing || isRefused) return prompt.getIndex();
        }
        return null;
    }

    /**
     * Put the cells of one row where the header says, whatever the form thinks of them. A path may
     * name a row of a repeat, counted from 1: {@code b_village[2]/bv_team}. All of it is calculated
     * once at the end, as when a form that was put aside is opened again.
     */
    void take(String[] header, String[] cells) {
        TreeElement root = form.getMainInstance().getRoot();
        for (int i = 0; i < header.length; i++) {
            if (cells[i].isEmpty()) continue;
            TreeReference ref = TreeReference.rootRef().extendRef(root.getName(), 0);
            for (String step : header[i].split("/")) ref = below(ref, step);
            TreeElement node = form.getMainInstance().resolveReference(ref);
            if (node == null) throw new IllegalArgumentException("the form has no " + header[i]);
            IAnswerData kind = AnswerDataFactory.templateByDataType(node.getDataType());
            node.setAnswer(kind.cast(new UncastData(cells[i])));
        }
        calculate();
    }

    private void calculate() {
        form.initialize(false, new InstanceInitializationFactory());
    }

    private TreeReference below(TreeReference above, String step) {
        int bracket = step.indexOf('[');
        if (bracket < 0) return above.extendRef(step, 0);
        String name = step.substring(0, bracket);
        int row = Integer.parseInt(step.substring(bracket + 1, step.length() - 1));
        TreeReference ref = above.extendRef(name, row - 1);
        if (form.getMainInstance().resolveReference(ref) == null) addRow(ref);
        return ref;
    }

    private void addRow(TreeReference wanted) {
        calculate(); // whether the repeat applies at all
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event;
        while ((event = controller.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM) {
            boolean isHere = wanted.equals(model.getFormIndex().getReference());
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT && isHere) {
                controller.newRepeat();
                return;
            }
        }
        throw new IllegalArgumentException("no such row can be added: " + wanted);
    }

    /** Return the XML as Collect would send it; `files` holds what it names, and nothing else. */
    byte[] finish() throws IOException {
        controller.finalizeFormEntry();
        byte[] xml = new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
        String text = new String(xml, StandardCharsets.UTF_8);
        files.keySet().removeIf(name -> !text.contains(">" + name + "<"));
        return xml;
    }

    private void answer(FormIndex index) throws IOException {
        FormEntryPrompt prompt = model.getQuestionPrompt(index);
        if (prompt.isReadOnly()) return;
        String path = index.getReference().toString(false);
        String below = path.substring(path.indexOf('/', 1) + 1);
        String name = path.substring(path.lastIndexOf('/') + 1);
        String fixed = options.sets.getOrDefault(below, options.sets.get(name));
        boolean isBlank = !prompt.isRequired() && random.nextDouble() < options.blank;
        if (fixed == null && isBlank) fixed = "";
        for (int attempt = 0; attempt < (fixed == null ? TRIES : 1); attempt++) {
            IAnswerData data = fixed == null ? any(prompt, name) : given(prompt, fixed);
            if (controller.answerQuestion(index, data, false) == FormEntryController.ANSWER_OK) {
                draw.remember(name, data);
                return;
            }
        }
        if (fixed != null) throw new IllegalStateException("not valid: " + path + " = " + fixed);
        if (prompt.isRequired())
            throw new IllegalStateException("no valid answer found for " + path);
    }

    private IAnswerData given(FormEntryPrompt prompt, String value) {
        if (value.isEmpty()) return null;
        boolean isChoice = prompt.getControlType() == Constants.CONTROL_SELECT_ONE;
        if (isChoice && prompt.getSelectChoices().stream().noneMatch(c -> value.equals(c.getValue())))
            throw new IllegalStateException(
                    "not a choice of " + prompt.getIndex().getReference() + ": " + value);
        return AnswerDataFactory.template(prompt.getControlType(), prompt.getDataType())
                .cast(new UncastData(value));
    }

    private IAnswerData any(FormEntryPrompt prompt, String name) throws IOException {
        if (prompt.getDataType() != Constants.DATATYPE_BINARY) return draw.answer(prompt, name);
        boolean isImage = prompt.getControlType() == Constants.CONTROL_IMAGE_CHOOSE;
        String file = (start + files.size()) + (isImage ? ".jpg" : ".bin"); // Collect names by time
        byte[] noise = Long.toHexString(random.nextLong()).getBytes(StandardCharsets.US_ASCII);
        files.put(file, isImage ? photo() : noise);
        return new StringData(file);
    }

    private byte[] photo() throws IOException {
        BufferedImage image = new BufferedImage(16, 12, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16 * 12; i++) image.setRGB(i % 16, i / 16, random.nextInt(1 << 24));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", bytes);
        return bytes.toByteArray();
    }

    private void addRow(FormIndex index) {
        if (index.getTerminal().getInstanceIndex() < rowsWanted(index)) controller.newRepeat();
    }

    private int rowsWanted(FormIndex index) {
        GroupDef repeat = (GroupDef) form.getChild(index);
        if (repeat.getCountReference() != null || repeat.noAddRemove) return Integer.MAX_VALUE;
        TreeReference ref = index.getReference();
        String key = ref.getParentRef().toString(true) + "/" + ref.getNameLast();
        return rowsWanted.computeIfAbsent(key, absent -> random.nextInt(MAX_ROWS + 1));
    }

    /** Collect logs the sitting when the form asks for it: in a file that meta/audit names. */
    private void keepAudit() {
        TreeElement meta = form.getMainInstance().getRoot().getFirstChild("meta");
        TreeElement audit = meta == null ? null : meta.getFirstChild("audit");
        if (audit == null) return;
        String log = "event,node,start,end\nform start,," + start + ",\n";
        audit.setAnswer(new StringData("audit.csv"));
        files.put("audit.csv", log.getBytes(StandardCharsets.UTF_8));
    }
}
