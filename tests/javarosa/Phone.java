import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.actions.setgeopoint.StubSetGeopointActionHandler;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.utils.IPreloadHandler;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceFactory;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;
import org.javarosa.core.util.MathUtils;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;
import org.joda.time.DateTimeUtils;

/** A form loaded once, ready to be filled many times. */
final class Phone {
    // A draw can paint itself into a corner (an area without communes on that day); a new one may not.
    private static final int DRAWS = 30;

    private final Options options;
    private final FormDef form;
    private final FormInstance blank;
    private final Hints hints;

    Phone(Options options) throws Exception {
        this.options = options;
        new XFormsModule().registerModule();
        XFormParser.registerActionHandler(
                StubSetGeopointActionHandler.ELEMENT_NAME, new StubSetGeopointActionHandler());
        PropertyManager.setPropertyManager(new Device(options.username));
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(new Media(options.media));
        String xform = Files.readString(options.form);
        hints = new Hints(xform);
        // JavaRosa's now() asks Joda's clock, which can be set; its today() asks the machine's.
        String dated = xform.replace("today()", "date('" + options.today + "')");
        form = XFormUtils.getFormFromInputStream(
                new ByteArrayInputStream(dated.getBytes(StandardCharsets.UTF_8)));
        blank = form.getMainInstance().clone();
    }

    /** Fill instance `number` (from 1), or say which question nothing valid was found for. */
    Sitting fill(int number) throws Exception {
        IllegalStateException cornered = null;
        for (int draw = 0; draw < DRAWS; draw++) {
            Random random = new Random(options.seed * 1_000_003L + number * 101L + draw);
            Sitting sitting = begin(number, random);
            try {
                if (options.rows.isEmpty()) sitting.walk();
                else sitting.take(options.rows.get(0), options.rows.get(number));
                return sitting;
            } catch (IllegalStateException stuck) {
                cornered = stuck;
            }
        }
        throw cornered;
    }

    private Sitting begin(int number, Random random) throws Exception {
        Field engineRandom = MathUtils.class.getDeclaredField("r"); // behind uuid() and random()
        engineRandom.setAccessible(true);
        engineRandom.set(null, new Random(random.nextLong()));
        Date today = Options.midnight(options.today);
        Date start = new Date(today.getTime() + 8 * 3_600_000L + number * 61_000L);
        Date end = new Date(start.getTime() + 1_800_000L);
        DateTimeUtils.setCurrentMillisFixed(start.getTime());
        form.setInstance(blank.clone());
        form.getPreloader().addPreloadHandler(new Preload("date", "today", new DateData(today), null));
        form.getPreloader().addPreloadHandler(
                new Preload("timestamp", "start", new DateTimeData(start), new DateTimeData(end)));
        form.initialize(true, new InstanceInitializationFactory());
        return new Sitting(form, hints, options, random, start);
    }
}

/** Gives a value when an instance begins, and another when it ends. */
final class Preload implements IPreloadHandler {
    private final String kind;
    private final String at;
    private final IAnswerData first;
    private final IAnswerData last;

    Preload(String kind, String at, IAnswerData first, IAnswerData last) {
        this.kind = kind;
        this.at = at;
        this.first = first;
        this.last = last;
    }

    @Override
    public String preloadHandled() {
        return kind;
    }

    @Override
    public IAnswerData handlePreload(String params) {
        return at.equals(params) ? first : null;
    }

    @Override
    public boolean handlePostProcess(TreeElement node, String params) {
        if (last == null || !"end".equals(params)) return false;
        node.setAnswer(last);
        return true;
    }
}

/** What the phone says of itself. */
final class Device implements IPropertyManager {
    private final Map<String, String> properties = new HashMap<>();

    Device(String username) {
        properties.put("username", username);
        properties.put("deviceid", "collect:javarosa00000001");
    }

    @Override
    public String getSingularProperty(String name) {
        return properties.get(name);
    }

    @Override
    public List<String> getProperty(String name) {
        return Collections.singletonList(properties.get(name));
    }

    @Override
    public void setProperty(String name, String value) {}

    @Override
    public void setProperty(String name, List<String> value) {}

    @Override
    public void addRules(IPropertyRules rules) {}

    @Override
    public List<IPropertyRules> getRules() {
        return Collections.emptyList();
    }
}

/** The files that came with the form: jr://file-csv/communes.csv is communes.csv in one folder. */
final class Media implements ReferenceFactory, Reference {
    private final Path file;

    Media(Path file) {
        this.file = file;
    }

    @Override
    public boolean derives(String uri) {
        return uri.startsWith("jr://");
    }

    @Override
    public Reference derive(String uri) {
        Path found = file.resolve(uri.substring(uri.lastIndexOf('/') + 1));
        // JavaRosa would go on with an empty list.
        if (uri.startsWith("jr://file") && !Files.exists(found))
            throw new IllegalArgumentException("the form's file is missing: " + uri);
        return new Media(found);
    }

    @Override
    public Reference derive(String uri, String context) {
        return derive(uri);
    }

    @Override
    public boolean doesBinaryExist() {
        return Files.exists(file);
    }

    @Override
    public InputStream getStream() throws IOException {
        return Files.newInputStream(file);
    }

    @Override
    public String getURI() {
        return "jr://file/" + file.getFileName();
    }

    @Override
    public String getLocalURI() {
        return file.toString();
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public OutputStream getOutputStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void remove() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Reference[] probeAlternativeReferences() {
        return new Reference[0];
    }
}
